// SPDX-License-Identifier: GPL-2.0-only
// VMX of the fake CPU: what vmx/insn.hpp executes. Strict where hardware is: a field that the CPU
// has not, a write to a read-only field and a VMCS that is not current fail with the SDM's error
// number; values have the width of their field; VMCLEAR, VMPTRLD and entries follow the launch
// state. Stricter where hardware is silent: VMPTRLD of a region that was never cleared is a test
// failure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "vmx/field.hpp"

namespace fake {

using rmv::Field;
using rmv::u16;
using rmv::u32;
using rmv::u64;

// SDM: VM-Instruction Error Numbers.
enum class VmError : u32 {
    none = 0,
    vmclear_invalid_address = 2,
    vmclear_vmxon_pointer = 3,
    vmlaunch_not_clear = 4,
    vmresume_not_launched = 5,
    vmptrld_invalid_address = 9,
    vmptrld_vmxon_pointer = 10,
    unsupported_component = 12,
    read_only_component = 13,
    vmxon_in_root = 15,
    vmxoff_under_dual_monitor = 23,
    invalid_operand = 28,
};

// The VMCS of one region.
struct VmcsData {
    bool launched = false;
    std::map<u32, u64> fields;  // those that were written
};

struct Flush {
    u64 type;
    u64 target;  // EPT pointer or VPID
    bool operator==(const Flush&) const = default;
};

class Vmx {
public:
    // The instructions: false is VMfail.
    bool vmxon(u64 region);
    bool vmxoff();
    bool vmclear(u64 region);
    bool vmptrld(u64 region);
    bool vmread(u64 encoding, u64& value);
    bool vmwrite(u64 encoding, u64 value);
    bool invept(u64 type, u64 ept_pointer, u64 reserved);
    bool invvpid(u64 type, u64 vpid, u64 linear_address);

    // VMLAUNCH or VMRESUME, and the exit that follows: launch state, and the valid bit of the
    // injection field, which the exit clears. No other state changes.
    bool enter(bool resume);

    // For tests: any field of the current VMCS, read-only ones too, without a failure path.
    [[nodiscard]] u64 get(Field field) const;
    void set(Field field, u64 value);
    [[nodiscard]] bool is_written(Field field) const;
    // From now on the CPU does not have this field.
    void remove(Field field) { missing_.insert(static_cast<u32>(field)); }
    // The next VMX instruction but `skip` fails with VMfailInvalid.
    void fail_after(unsigned skip) { fail_after_ = skip; }

    // An active dual-monitor treatment: VMXOFF fails (SDM: VMXOFF).
    bool dual_monitor = false;

    bool on = false;
    u64 vmxon_region = 0;
    std::optional<u64> current;
    std::map<u64, VmcsData> regions;  // those that were cleared since VMXON
    std::vector<Flush> invepts, invvpids;

    // What a field reads as before it is written: not zero, so that nothing relies on it.
    static constexpr u64 garbage = 0xa5a5'a5a5'a5a5'a5a5;

private:
    bool fails();
    bool fail(VmError error);
    bool has_field(u64 encoding) const;

    std::set<u32> missing_;
    std::optional<unsigned> fail_after_;
};

// VMX of the CPU that the code under test runs on.
Vmx& vmx();
void reset_vmx();

}  // namespace fake
