// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/string_io.hpp"

#include "exit/event.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/guest_debug.hpp"
#include "rm_guest/segment_limit.hpp"
#include "vmx/globals.hpp"

namespace rmv {

namespace {

// IA32_VMX_BASIC[54]: without it the segment and the address size are not told (Nehalem and
// before).
constexpr u64 has_ins_outs_information = bit(54);

// kvm_run's data area is a page.
constexpr u64 most_bytes = page_size;

struct Operand {
    SegmentRegister segment;
    u8 address_bits;
    u64 offset;
};

constexpr u64 address_mask(u8 address_bits) noexcept {
    return address_bits == 64 ? ~u64{0} : bit(address_bits) - 1;
}

// SDM: Format of the VM-Exit Instruction-Information Field as Used for INS and OUTS.
Operand decode_operand(ExitContext& exit, bool is_in) noexcept {
    const u32 info = exit.vmcs.read<Field::exit_instruction_info>();
    const u64 size = bits(info, 9, 7);
    const u8 address_bits = size == 0 ? 16 : size == 1 ? 32 : 64;
    const u64 index = is_in ? exit.gprs.rdi : exit.gprs.rsi;
    // INS has no other segment than ES.
    return {is_in ? SegmentRegister::es : static_cast<SegmentRegister>(bits(info, 17, 15)),
            address_bits, index & address_mask(address_bits)};
}

u64 least(u64 a, u64 b) noexcept { return a < b ? a : b; }

// A step (RFLAGS.TF, or the owner's) is one element.
u64 elements_at_once(ExitContext& exit, u64 count, u8 size) noexcept {
    if (has(exit.vmcs.read<Field::guest_rflags>(), Rflags::tf) || is_step(exit.cpu.rm.debug))
        return 1;
    return least(count, most_bytes / size);
}

// Only the bits of the address size change; a 32-bit result clears the upper half.
u64 moved(u64 value, u64 by, u8 address_bits) noexcept {
    const u64 mask = address_mask(address_bits);
    const u64 upper = address_bits == 16 ? value & ~mask : 0;
    return upper | ((value + by) & mask);
}

Action segment_fault(Vmcs& vmcs, SegmentRegister segment) noexcept {
    const Vector vector =
        segment == SegmentRegister::ss ? Vector::stack_fault : Vector::general_protection;
    inject_exception_with_code(vmcs, vector, 0, is_real_mode(vmcs));
    return Action::inject;
}

}  // namespace

Action handle_string_io(ExitContext& exit, const IoQualification& io, visor_stop& stop) noexcept {
    Vmcs& vmcs = exit.vmcs;
    if ((globals.facts.vmx_basic & has_ins_outs_information) == 0) return Action::unhandled;
    const Operand operand = decode_operand(exit, io.is_in);
    const u64 count = io.has_rep ? exit.gprs.rcx & address_mask(operand.address_bits) : 1;
    if (count == 0) return Action::skip;
    const bool backwards = has(vmcs.read<Field::guest_rflags>(), Rflags::df);
    const SegmentAccess access{.segment = operand.segment,
                               .offset = operand.offset,
                               .size = io.size,
                               .write = io.is_in,
                               .backwards = backwards,
                               .last_offset = address_mask(operand.address_bits)};
    const u64 fitting = elements_in_segment(vmcs, access);
    if (fitting == 0) return segment_fault(vmcs, operand.segment);

    const u32 elements = static_cast<u32>(least(fitting, elements_at_once(exit, count, io.size)));
    stop.backwards = backwards;
    stop.elements = elements;
    exit.cpu.rm.pending_io.string = {.valid = true,
                                     .rep = io.has_rep,
                                     .backwards = backwards,
                                     .address_bits = operand.address_bits,
                                     .elements = elements};
    return Action::stop;
}

void complete_string_io(RmGuest& rm, Vmcs& vmcs, u32 elements) noexcept {
    const auto& string = rm.pending_io.string;
    const u64 done = least(elements, string.elements);
    if (done == 0) return;
    const u64 bytes = done * rm.pending_io.size;
    u64& index = rm.pending_io.in ? rm.gprs.rdi : rm.gprs.rsi;
    index = moved(index, string.backwards ? u64{0} - bytes : bytes, string.address_bits);
    if (string.rep) rm.gprs.rcx = moved(rm.gprs.rcx, u64{0} - done, string.address_bits);
    if (!string.rep || (rm.gprs.rcx & address_mask(string.address_bits)) == 0)
        return skip_instruction(vmcs);
    end_of_instruction(vmcs);  // an iteration is an instruction to STI, MOV SS and TF
}

void fail_string_io(RmGuest& rm, Vmcs& vmcs, u64 address, u32 error_code) noexcept {
    rm.cr2 = address;
    inject_exception_with_code(vmcs, Vector::page_fault, error_code, is_real_mode(vmcs));
}

}  // namespace rmv
