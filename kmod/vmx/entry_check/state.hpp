// SPDX-License-Identifier: GPL-2.0-only
// What the VM-entry rules look at: the fields of the current VMCS and the CPU's capabilities.
#pragma once

#include "vmx/controls.hpp"
#include "vmx/vmcs.hpp"
#include "x86/control_registers.hpp"
#include "x86/types.hpp"

namespace rmv {

class EntryState {
public:
    // Rules ask only for fields that the controls turn on, so no VMREAD meets a field that the CPU
    // lacks; a read that fails all the same gives 0 and stays in `vmcs`.
    constexpr EntryState(Vmcs& vmcs, const visor_cpu_facts& facts) noexcept
        : vmcs_{vmcs}, facts_{facts} {}

    [[nodiscard]] u64 read(Field field) const noexcept { return vmcs_.read_raw(field); }
    [[nodiscard]] const visor_cpu_facts& cpu() const noexcept { return facts_; }

    [[nodiscard]] bool is_set(Pin one) const noexcept {
        return has(read(Field::pin_based_controls), one);
    }
    [[nodiscard]] bool is_set(Primary one) const noexcept {
        return has(read(Field::primary_processor_controls), one);
    }
    // Inactive secondary controls count as 0.
    [[nodiscard]] bool is_set(Secondary one) const noexcept {
        return is_set(Primary::secondary_controls) &&
               has(read(Field::secondary_processor_controls), one);
    }
    [[nodiscard]] bool is_set(ExitControl one) const noexcept {
        return has(read(Field::exit_controls), one);
    }
    [[nodiscard]] bool is_set(EntryControl one) const noexcept {
        return has(read(Field::entry_controls), one);
    }
    [[nodiscard]] bool guest_has(Cr0 one) const noexcept {
        return has(read(Field::guest_cr0), one);
    }
    [[nodiscard]] bool guest_has(Cr4 one) const noexcept {
        return has(read(Field::guest_cr4), one);
    }
    [[nodiscard]] bool guest_has(Rflags one) const noexcept {
        return has(read(Field::guest_rflags), one);
    }
    [[nodiscard]] bool is_unrestricted() const noexcept {
        return is_set(Secondary::unrestricted_guest);
    }
    [[nodiscard]] bool is_ia32e() const noexcept { return is_set(EntryControl::ia32e_mode_guest); }

    // No bit above the physical-address width. Addresses in the VMCS itself may have to be below
    // 4 GiB as well (IA32_VMX_BASIC[48]): is_vmx_address().
    [[nodiscard]] bool is_physical(u64 address) const noexcept {
        return (address >> facts_.physical_bits) == 0;
    }
    [[nodiscard]] bool is_vmx_address(u64 address) const noexcept {
        constexpr u64 basic_32_bit_addresses = bit(48);
        return is_physical(address) &&
               ((facts_.vmx_basic & basic_32_bit_addresses) == 0 || high32(address) == 0);
    }
    [[nodiscard]] bool is_vmx_page(Field field) const noexcept {
        const u64 address = read(field);
        return (address & page_mask) == 0 && is_vmx_address(address);
    }

    // Bits of a linear address, by what CR4 can hold: 57 where 5-level paging can be turned on.
    // Some fields are compared with the width in use; this is the laxer test.
    [[nodiscard]] unsigned linear_bits() const noexcept {
        return has(facts_.cr4_fixed1, Cr4::la57) ? 57 : 48;
    }
    [[nodiscard]] bool is_canonical(u64 address) const noexcept {
        const u64 upper = address >> (linear_bits() - 1);
        return upper == 0 || upper == (~u64{0} >> (linear_bits() - 1));
    }

private:
    Vmcs& vmcs_;
    const visor_cpu_facts& facts_;
};

// A capability MSR: its low half must be 1, what its high half lacks must be 0.
[[nodiscard]] constexpr bool allows_controls(u64 capability, u64 controls) noexcept {
    const u32 word = low32(controls);
    return (low32(capability) & ~word) == 0 && (word & ~high32(capability)) == 0;
}

// CR0 or CR4 against IA32_VMX_CRx_FIXED0 (1 there: must be 1) and FIXED1 (0 there: must be 0).
[[nodiscard]] constexpr bool allows_fixed(u64 fixed0, u64 fixed1, u64 value, u64 ignored) noexcept {
    return (fixed0 & ~value & ~ignored) == 0 && (value & ~fixed1 & ~ignored) == 0;
}

// Each byte a type that IA32_PAT takes: UC, WC, WT, WP, WB, UC-.
[[nodiscard]] constexpr bool is_valid_pat(u64 pat) noexcept {
    constexpr u64 valid_types = 0b1111'0011;
    for (unsigned i = 0; i < 8; ++i) {
        const u64 type = bits(pat, 8 * i + 7, 8 * i);
        if (type > 7 || (valid_types & bit(static_cast<unsigned>(type))) == 0) return false;
    }
    return true;
}

[[nodiscard]] constexpr bool is_valid_efer(u64 efer) noexcept {
    return (efer & ~mask(Efer::sce, Efer::lme, Efer::lma, Efer::nxe)) == 0;
}

}  // namespace rmv
