// SPDX-License-Identifier: GPL-2.0-only
#include "paging.hpp"

#include <array>
#include <cstring>

namespace rmguest {
namespace {

// SDM: Paging, formats of the entries.
namespace entry {
constexpr std::uint64_t present = 1u << 0;
constexpr std::uint64_t writable = 1u << 1;
constexpr std::uint64_t user = 1u << 2;
constexpr std::uint64_t accessed = 1u << 5;
constexpr std::uint64_t dirty = 1u << 6;
constexpr std::uint64_t page_size = 1u << 7;
constexpr std::uint64_t address = 0x000f'ffff'ffff'f000;
}  // namespace entry

// SDM: Page-Fault Exceptions, the error code.
namespace error {
constexpr std::uint32_t present = 1u << 0;
constexpr std::uint32_t write = 1u << 1;
constexpr std::uint32_t user = 1u << 2;
}  // namespace error

struct Format {
    unsigned levels;
    unsigned entry_size;
    unsigned index_bits;   // of every level but the highest of PAE
    unsigned large_level;  // the highest level at which an entry can map a page; 1: none can
};

Format format_of(const kvm_sregs& system) {
    if ((system.efer & control::efer_long_mode_active) != 0) {
        return {(system.cr4 & control::cr4_57_bit_linear) != 0 ? 5u : 4u, 8, 9, 3};
    }
    if ((system.cr4 & control::cr4_physical_address_extension) != 0) {
        return {3, 8, 9, 2};
    }
    return {2, 4, 10, (system.cr4 & control::cr4_page_size_extensions) != 0 ? 2u : 1u};
}

struct Step {
    std::uint64_t address;  // of the entry
    std::uint64_t value;
};

class Walk {
public:
    Walk(const VcpuState& state, GuestBus& bus, std::uint64_t linear, Access access)
        : state_(state),
          bus_(bus),
          format_(format_of(state.system)),
          linear_(linear),
          access_(access) {}

    std::variant<std::uint64_t, Fault> run() {
        std::uint64_t table = root();
        for (unsigned level = format_.levels;; --level) {
            Step& step = steps_[depth_++];
            step.address = table + index(level) * format_.entry_size;
            step.value = read_entry(step.address);
            if ((step.value & entry::present) == 0) {
                return fault(0);
            }
            if (!is_pae_root(level)) {
                rights_ &= step.value;
            }
            if (level == 1 || is_large(level, step.value)) {
                return finish(level, step.value);
            }
            table = step.value & entry::address;
        }
    }

private:
    [[nodiscard]] std::uint64_t root() const {
        const std::uint64_t cr3 = state_.system.cr3;
        return is_pae_root(format_.levels) ? cr3 & 0xffff'ffe0 : cr3 & entry::address;
    }

    // The four PDPTEs of PAE paging have neither rights nor an accessed bit.
    [[nodiscard]] bool is_pae_root(unsigned level) const {
        return level == 3 && format_.levels == 3;
    }

    [[nodiscard]] unsigned shift(unsigned level) const {
        return 12 + (level - 1) * format_.index_bits;
    }

    [[nodiscard]] std::uint64_t index(unsigned level) const {
        return (linear_ >> shift(level)) & ((1u << format_.index_bits) - 1);
    }

    [[nodiscard]] bool is_large(unsigned level, std::uint64_t value) const {
        return level <= format_.large_level && (value & entry::page_size) != 0;
    }

    std::uint64_t read_entry(std::uint64_t address) {
        std::uint64_t value = 0;
        if (const auto* memory = bus_.memory(address, format_.entry_size, false)) {
            std::memcpy(&value, memory, format_.entry_size);
        }  // else not present: a page table in a device is not looked at
        return value;
    }

    [[nodiscard]] std::uint64_t physical(unsigned level, std::uint64_t value) const {
        const std::uint64_t offset = (std::uint64_t{1} << shift(level)) - 1;
        std::uint64_t base = value & entry::address;
        if (format_.entry_size == 4 && level == 2) {  // PSE-36: bits 20:13 are bits 39:32
            base = (value & 0xffc0'0000) | ((value >> 13 & 0xff) << 32);
        }
        return (base & ~offset) | (linear_ & offset);
    }

    [[nodiscard]] bool is_user() const { return privilege_level(state_) == 3; }

    [[nodiscard]] bool may_write() const {
        const bool write_protect = (state_.system.cr0 & control::cr0_write_protect) != 0;
        return (rights_ & entry::writable) != 0 || (!is_user() && !write_protect);
    }

    [[nodiscard]] bool is_prevented() const {  // SMAP
        return !is_user() && (rights_ & entry::user) != 0 &&
               (state_.system.cr4 & control::cr4_supervisor_access_prevention) != 0 &&
               (state_.registers.rflags & rflags::alignment_check) == 0;
    }

    std::variant<std::uint64_t, Fault> finish(unsigned level, std::uint64_t value) {
        if (access_ == Access::look) {
            return physical(level, value);
        }
        if ((is_user() && (rights_ & entry::user) == 0) || is_prevented() ||
            (access_ == Access::write && !may_write())) {
            return fault(error::present);
        }
        for (unsigned step = 0; step < depth_; ++step) {
            if (!is_pae_root(format_.levels - step)) {
                set_bits(steps_[step], entry::accessed);
            }
        }
        if (access_ == Access::write) {
            set_bits(steps_[depth_ - 1], entry::dirty);
        }
        return physical(level, value);
    }

    // Other vCPUs may set the bits of the same entry at this moment.
    void set_bits(Step& step, std::uint64_t bits) {
        if ((step.value & bits) == bits) {
            return;
        }
        step.value |= bits;
        if (auto* byte = bus_.memory(step.address, 1, true)) {
            __atomic_fetch_or(byte, static_cast<std::uint8_t>(bits), __ATOMIC_SEQ_CST);
        }
    }

    [[nodiscard]] Fault fault(std::uint32_t code) const {
        code |= access_ == Access::write ? error::write : 0;
        code |= is_user() ? error::user : 0;
        return {Vector::page_fault, code, linear_};
    }

    static constexpr unsigned most_levels = 5;

    const VcpuState& state_;
    GuestBus& bus_;
    Format format_;
    std::uint64_t linear_;
    Access access_;
    std::array<Step, most_levels> steps_{};
    unsigned depth_ = 0;
    std::uint64_t rights_ = ~std::uint64_t{0};  // of all entries together
};

}  // namespace

std::variant<std::uint64_t, Fault> translate(const VcpuState& state, GuestBus& bus,
                                             std::uint64_t linear, Access access) {
    if (!is_paged(state)) {
        return linear;
    }
    return Walk(state, bus, linear, access).run();
}

}  // namespace rmguest
