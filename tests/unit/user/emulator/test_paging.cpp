// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "fake_guest.hpp"
#include "lib/emulator/paging.hpp"

namespace rmguest {
namespace {

using Translation = std::variant<std::uint64_t, Fault>;

constexpr std::uint64_t present = 1, writable = 2, user = 4, accessed = 0x20, dirty = 0x40,
                        large = 0x80;

VcpuState paged(std::uint64_t cr4) {
    VcpuState state = protected_mode();
    state.system.cr0 |= control::cr0_paging;
    state.system.cr3 = 0x1000;
    state.system.cr4 = cr4;
    return state;
}

Translation to(std::uint64_t physical) { return physical; }
Translation fault(std::uint32_t code, std::uint64_t address) {
    return Fault{Vector::page_fault, code, address};
}

TEST(Paging, OffIsIdentity) {
    FakeBus bus;
    EXPECT_EQ(translate(real_mode(), bus, 0x12345, Access::write), to(0x12345));
}

TEST(Paging, TwoLevelsAndAccessedAndDirtyBits) {
    FakeBus bus;
    const VcpuState state = paged(0);
    bus.put(0x1000 + 4 * 1, 4, 0x2000 | present | writable);
    bus.put(0x2000 + 4 * 3, 4, 0x7000 | present | writable);
    EXPECT_EQ(translate(state, bus, 0x403abc, Access::look), to(0x7abc));
    EXPECT_EQ(bus.get(0x2000 + 4 * 3, 4) & (accessed | dirty), 0u);
    EXPECT_EQ(translate(state, bus, 0x403abc, Access::read), to(0x7abc));
    EXPECT_EQ(bus.get(0x1000 + 4 * 1, 4) & (accessed | dirty), accessed);
    EXPECT_EQ(bus.get(0x2000 + 4 * 3, 4) & (accessed | dirty), accessed);
    EXPECT_EQ(translate(state, bus, 0x403abc, Access::write), to(0x7abc));
    EXPECT_EQ(bus.get(0x2000 + 4 * 3, 4) & (accessed | dirty), accessed | dirty);
    EXPECT_EQ(translate(state, bus, 0x404000, Access::write), fault(2, 0x404000));
}

TEST(Paging, FourMegabytePagesWithPseOnly) {
    FakeBus bus;
    bus.put(0x1000, 4, 0x00c00000 | 1u << 13 | present | large);
    EXPECT_EQ(translate(paged(control::cr4_page_size_extensions), bus, 0x123456, Access::read),
              to(0x1'00c0'0000 + 0x123456));
    EXPECT_EQ(translate(paged(0), bus, 0x123456, Access::read), fault(0, 0x123456));
}

TEST(Paging, Pae) {
    FakeBus bus;
    VcpuState state = paged(control::cr4_physical_address_extension);
    state.system.cr3 = 0x1020;  // 32-byte aligned
    bus.put(0x1020 + 8 * 2, 8, 0x2000 | present);
    bus.put(0x2000 + 8 * 5, 8, 0x3000 | present | writable);
    bus.put(0x3000 + 8 * 7, 8, 0x4'0000'0000 | present | writable);
    bus.put(0x2000 + 8 * 6, 8, 0x600000 | present | writable | large);
    const std::uint64_t linear = 2ull << 30 | 5ull << 21 | 7ull << 12 | 0x12;
    EXPECT_EQ(translate(state, bus, linear, Access::write), to(0x4'0000'0012));
    EXPECT_EQ(bus.get(0x1020 + 8 * 2, 8), 0x2000 | present);  // a PDPTE has no accessed bit
    EXPECT_EQ(translate(state, bus, 2ull << 30 | 6ull << 21 | 0x1234, Access::read), to(0x601234));
}

TEST(Paging, FourLevelsAndAGigabyte) {
    FakeBus bus;
    const VcpuState state = long_mode(bus);
    EXPECT_EQ(translate(state, bus, 0x1'2345'6789, Access::write), to(0x1'2345'6789));
    EXPECT_EQ(bus.get(0x2000 + 8 * 4, 8) & (accessed | dirty), accessed | dirty);
}

TEST(Paging, Rights) {
    FakeBus bus;
    VcpuState state = paged(0);
    bus.put(0x1000, 4, 0x2000 | present | writable | user);
    bus.put(0x2000, 4, 0x7000 | present);                            // supervisor, read-only
    bus.put(0x2004, 4, 0x8000 | present | writable | user);          // user
    EXPECT_EQ(translate(state, bus, 0, Access::write), to(0x7000));  // CR0.WP is off
    state.system.cr0 |= control::cr0_write_protect;
    EXPECT_EQ(translate(state, bus, 0, Access::write), fault(3, 0));
    state.system.ss.dpl = 3;
    EXPECT_EQ(translate(state, bus, 0, Access::read), fault(5, 0));
    EXPECT_EQ(translate(state, bus, 0, Access::look), to(0x7000));
    EXPECT_EQ(translate(state, bus, 0x1000, Access::write), to(0x8000));
    state.system.ss.dpl = 0;
    state.system.cr4 |= control::cr4_supervisor_access_prevention;
    EXPECT_EQ(translate(state, bus, 0x1000, Access::read), fault(1, 0x1000));
    state.registers.rflags |= rflags::alignment_check;
    EXPECT_EQ(translate(state, bus, 0x1000, Access::read), to(0x8000));
}

}  // namespace
}  // namespace rmguest
