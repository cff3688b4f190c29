// SPDX-License-Identifier: GPL-2.0-only
// Guest memory against a flat map of pages: the same translations, and no page lost.
#include <map>

#include "ept/walk.hpp"
#include "fake/fixture.hpp"
#include "input.hpp"
#include "targets.hpp"

namespace {

using rmv::u64;
constexpr u64 present = 7;

class FuzzedMemory : public fake::Fixture {
public:
    void TestBody() override {}

    void run(fuzz::Input& input) {
        memory_ = visor_guest_memory_create();
        for (unsigned steps = 0; steps < 200 && !input.is_empty(); ++steps) step(input);
        compare();
        visor_guest_memory_destroy(memory_);
        TearDown();
    }

private:
    struct Page {
        u64 host;
        bool is_writable;
        bool operator==(const Page&) const = default;
    };

    // Near each other and at the borders, so that tables are shared and places are hit twice.
    static u64 address(fuzz::Input& input) {
        static constexpr u64 bases[] = {0, 0xfffb0000, u64{1} << 39, (u64{1} << 48) - 0x40000};
        return bases[input.pick(4)] + (u64{input.pick(64)} << 12) + (input.pick(16) == 0);
    }

    void step(fuzz::Input& input) {
        const u64 at = address(input);
        if (input.pick(3) == 0) {
            visor_guest_memory_unmap(memory_, at);
            pages_.erase(at);
            return;
        }
        const Page page{u64{input.take<rmv::u32>()} << 12, input.flip()};
        const bool is_refused = (at & 0xfff) != 0 || pages_.contains(at) || is_smram(page.host);
        const rmv::u32 status = visor_guest_memory_map(memory_, at, page.host, page.is_writable);
        EXPECT_EQ(status, is_refused ? VISOR_BAD_ARGUMENT : VISOR_OK) << std::hex << at;
        if (!is_refused) pages_[at] = page;
    }

    // Legacy SMRAM, which no owner gets; this machine has no TSEG.
    static bool is_smram(u64 host) { return host >= 0xa0000 && host < 0xc0000; }

    void compare() const {
        std::map<u64, Page> found;
        const u64 root = visor_guest_memory_ept_pointer(memory_) & ~u64{0xfff};
        test::Walk{present, root, 4}.each([&](const test::Walk::Leaf& leaf) {
            EXPECT_EQ(leaf.level, 1u);
            found[leaf.address] = {leaf.phys(), (leaf.entry & 2) != 0};
        });
        const u64 zeros = visor_guest_memory_zero_page(memory_);
        EXPECT_TRUE(zeros != 0 && found.contains(zeros) && !found[zeros].is_writable);
        EXPECT_FALSE(pages_.contains(zeros));
        found.erase(zeros);
        EXPECT_TRUE(found == pages_);
    }

    visor_guest_memory* memory_ = nullptr;
    std::map<u64, Page> pages_;
};

}  // namespace

void fuzz::ept(std::span<const std::uint8_t> bytes) {
    fuzz::Input input{bytes};
    FuzzedMemory{}.run(input);
}
