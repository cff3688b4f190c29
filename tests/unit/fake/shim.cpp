// SPDX-License-Identifier: GPL-2.0-only
#include "shim.hpp"

#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "abi.h"

namespace fake {
namespace {

constexpr u64 page_size = RMV_PAGE_SIZE;
constexpr u64 arena_pages = 1u << 17;

struct Range {
    u64 virt, phys, bytes;
};

struct Shim {
    char* arena = nullptr;
    u64 arena_phys = 0x12'3400'0000;
    u64 fresh = 0;  // pages of the arena that were never used
    std::vector<bool> is_live;
    std::vector<u64> free_pages;
    std::vector<Range> ranges;
    u64 live = 0;
    u64 calls = 0;
    u64 fail_at = 0;
};

Shim shim;

void map_arena() {
    void* const memory = mmap(nullptr, arena_pages * page_size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    shim.arena = static_cast<char*>(memory);
    shim.is_live.resize(arena_pages);
}

}  // namespace

void set_arena(u64 phys) { shim.arena_phys = phys; }
u64 live_pages() { return shim.live; }
u64 allocations() { return shim.calls; }
void fail_allocation(u64 n) { shim.fail_at = n == 0 ? 0 : shim.calls + n; }

void add_virtual_range(u64 virt, u64 phys, u64 bytes) {
    shim.ranges.push_back({virt, phys, bytes});
}

void reset_shim() {
    if (shim.arena != nullptr) {
        // What was never used was never poisoned; the whole arena takes ten milliseconds.
        ASAN_UNPOISON_MEMORY_REGION(shim.arena, shim.fresh * page_size);
        munmap(shim.arena, arena_pages * page_size);
    }
    shim = Shim{};
}

}  // namespace fake

using namespace fake;

void* shim_alloc_page(rmv_u64* phys) {
    if (shim.arena == nullptr) map_arena();
    if (++shim.calls == shim.fail_at) return nullptr;
    u64 page = 0;
    if (!shim.free_pages.empty()) {
        page = shim.free_pages.back();
        shim.free_pages.pop_back();
    } else if (shim.fresh < arena_pages) {
        page = shim.fresh++;
    } else {
        ADD_FAILURE() << "the fake shim's arena is full";
        return nullptr;
    }
    shim.is_live[page] = true;
    ++shim.live;
    char* const memory = shim.arena + page * page_size;
    ASAN_UNPOISON_MEMORY_REGION(memory, page_size);
    std::memset(memory, 0, page_size);
    *phys = shim.arena_phys + page * page_size;
    return memory;
}

void shim_free_page(void* address) {
    const auto offset = static_cast<u64>(static_cast<char*>(address) - shim.arena);
    const u64 page = offset / page_size;
    if (offset % page_size != 0 || page >= arena_pages || !shim.is_live[page]) {
        ADD_FAILURE() << "shim_free_page() of what is no live page: " << address;
        return;
    }
    shim.is_live[page] = false;
    --shim.live;
    shim.free_pages.push_back(page);
    ASAN_POISON_MEMORY_REGION(shim.arena + offset, page_size);
}

void* shim_phys_to_virt(rmv_u64 phys) {
    const u64 offset = phys - shim.arena_phys;
    if (phys < shim.arena_phys || offset >= arena_pages * page_size ||
        !shim.is_live[offset / page_size]) {
        // Nothing sensible can be returned, and the caller writes to it.
        std::fprintf(stderr, "shim_phys_to_virt(%#llx): no live page\n", phys);
        std::abort();
    }
    return shim.arena + offset;
}

rmv_u64 shim_virt_to_phys(rmv_u64 virt) {
    for (const Range& range : shim.ranges) {
        if (virt - range.virt < range.bytes) return range.phys + (virt - range.virt);
    }
    const auto offset = virt - reinterpret_cast<u64>(shim.arena);
    return offset < arena_pages * page_size ? shim.arena_phys + offset : 0;
}
