// SPDX-License-Identifier: GPL-2.0-only
//
// A guest for the emulator's tests: memory with a window in it at which a device answers, and a
// vCPU in the mode that a test wants.
#pragma once

#include <array>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "lib/emulator/emulator.hpp"

namespace rmguest {

// 1 MiB of memory. The pages of the window are a device that works like memory and keeps a log.
class FakeBus final : public GuestBus {
public:
    static constexpr std::uint64_t memory_size = 0x100000;
    static constexpr std::uint64_t window = 0xb8000;
    static constexpr std::uint64_t window_size = 0x2000;

    struct DeviceAccess {
        bool is_write;
        std::uint64_t address;
        unsigned size;
        std::uint64_t value;
        friend bool operator==(const DeviceAccess&, const DeviceAccess&) = default;
    };

    std::uint8_t* memory(std::uint64_t address, unsigned size, bool) override {
        if (is_device(address) || address + size > memory_size) {
            return nullptr;
        }
        return &bytes[address];
    }
    std::uint64_t read(std::uint64_t address, unsigned size) override {
        std::uint64_t value = ~std::uint64_t{0};
        if (is_device(address)) {
            value = get(address, size);
        }
        log.push_back({false, address, size, value});
        return value;
    }
    void write(std::uint64_t address, unsigned size, std::uint64_t value) override {
        log.push_back({true, address, size, value});
        if (is_device(address)) {
            put(address, size, value);
        }
    }

    std::uint64_t get(std::uint64_t address, unsigned size) const {
        std::uint64_t value = 0;
        std::memcpy(&value, &bytes[address], size);
        return value;
    }
    void put(std::uint64_t address, unsigned size, std::uint64_t value) {
        std::memcpy(&bytes[address], &value, size);
    }
    static bool is_device(std::uint64_t address) {
        return address >= window && address < window + window_size;
    }

    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(memory_size);
    std::vector<DeviceAccess> log;
};

inline kvm_segment flat_segment(unsigned type, bool is_32_bit, bool is_64_bit) {
    kvm_segment segment{};
    segment.limit = 0xffffffff;
    segment.type = static_cast<std::uint8_t>(type);
    segment.present = 1;
    segment.s = 1;
    segment.g = 1;
    segment.db = is_32_bit;
    segment.l = is_64_bit;
    return segment;
}

inline kvm_segment real_segment(std::uint16_t selector) {
    kvm_segment segment = flat_segment(3, false, false);
    segment.selector = selector;
    segment.base = std::uint64_t{selector} << 4;
    segment.limit = 0xffff;
    segment.g = 0;
    return segment;
}

inline void set_data_segments(kvm_sregs& system, const kvm_segment& data) {
    system.ds = system.es = system.ss = system.fs = system.gs = data;
}

inline VcpuState real_mode() {
    VcpuState state{};
    state.system.cs = real_segment(0);
    set_data_segments(state.system, real_segment(0));
    state.registers.rip = 0x7c00;
    state.registers.rsp = 0x7000;
    state.registers.rflags = 2;
    return state;
}

inline VcpuState protected_mode(bool is_32_bit = true) {
    VcpuState state = real_mode();
    state.system.cr0 = control::cr0_protection_enable;
    state.system.cs = flat_segment(11, is_32_bit, false);
    set_data_segments(state.system, flat_segment(3, is_32_bit, false));
    return state;
}

// Page tables at 0x1000: the first 512 GiB by pages of 1 GiB each, linear = physical.
inline void map_all(FakeBus& bus) {
    bus.put(0x1000, 8, 0x2000 | 7);
    for (std::uint64_t gigabyte = 0; gigabyte < 512; ++gigabyte) {
        bus.put(0x2000 + 8 * gigabyte, 8, gigabyte << 30 | 0x87);
    }
}

inline VcpuState long_mode(FakeBus& bus) {
    map_all(bus);
    VcpuState state = protected_mode();
    state.system.cr0 |= control::cr0_paging;
    state.system.cr4 = control::cr4_physical_address_extension;
    state.system.cr3 = 0x1000;
    state.system.efer = control::efer_long_mode_active | 0x100;
    state.system.cs = flat_segment(11, false, true);
    return state;
}

using Code = std::vector<std::uint8_t>;

inline EmulationResult emulate_code(VcpuState& state, GuestBus& bus, const Code& code) {
    return emulate(state, bus, {.bytes = code});
}

}  // namespace rmguest
