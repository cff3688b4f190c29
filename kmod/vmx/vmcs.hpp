// SPDX-License-Identifier: GPL-2.0-only
// Width-typed access to the current VMCS.
//
// A VMREAD or VMWRITE of a field that the CPU has can fail only if no VMCS is current, but a
// control may gate a field away on some CPU. So a failure is kept in the accessor ("sticky") and
// must be looked at once, before the state is used to enter a guest: status() is [[nodiscard]].
#pragma once

#include "vmx/field.hpp"
#include "vmx/insn.hpp"
#include "x86/result.hpp"

namespace rmv {

class Vmcs {
public:
    template <Field field>
    [[nodiscard]] value_of<field> read() noexcept {
        return static_cast<value_of<field>>(read_raw(field));
    }

    // The value must have the field's own width: a literal of the wrong type does not compile.
    template <Field field, typename Value>
    void write(Value value) noexcept {
        static_assert(__is_same(Value, value_of<field>), "value has not the width of the field");
        static_assert(type_of(field) != FieldType::read_only, "the field is read-only");
        write_raw(field, value);
    }

    // For tables of fields, where the width was checked when the table was made.
    [[nodiscard]] u64 read_raw(Field field) noexcept {
        u64 value = 0;
        if (!insn::vmread(static_cast<u32>(field), value)) [[unlikely]]
            failed(field);
        return value;
    }

    void write_raw(Field field, u64 value) noexcept {
        if (!insn::vmwrite(static_cast<u32>(field), value)) [[unlikely]]
            failed(field);
    }

    // The first failure since this accessor was made: detail is the field's encoding.
    [[nodiscard]] constexpr Status status() const noexcept {
        return failed_field_ == 0 ? success : Status{VISOR_VMCS_FAILED, failed_field_};
    }

private:
    void failed(Field field) noexcept {
        // Encoding 0 is VPID; mark it apart from "no failure".
        if (failed_field_ == 0) failed_field_ = static_cast<u32>(field) | failed_mark;
    }

    static constexpr u32 failed_mark = 1u << 31;
    u32 failed_field_ = 0;
};

}  // namespace rmv
