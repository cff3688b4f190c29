; SPDX-License-Identifier: GPL-2.0-only
;
; Protected mode: #GP whose gate is not present is #NP, that again is #DF with error code 0, and a
; #DF that can't be delivered shuts the CPU down.
%define options "end=shutdown;emulated=its emulator has no INT in protected mode"
%include "case.inc"
%include "modes.inc"

    real_to_protected32
    check 1                     ; #NP of a gate alone: its error code names the gate
    set_gate idt32_address + 0x30 * 8, code32, 0, 0x0e
    must_fault_code not_present, 0x30 * 8 + 2, int 0x30

    check 2                     ; #GP, then #NP while it is delivered
    and byte [idt32_address + general_protection * 8 + 5], 0x7f
    must_be byte [fault_vector], not_present
    mov byte [fault_unexpected], 0
    mov dword [resume_at], .after
.faulting:
    mov [cs:0], al
    fail
.after:
    must_be byte [fault_vector], double_fault
    must_be dword [fault_code], 0

    check 3                     ; the same without a #DF gate
    and byte [idt32_address + double_fault * 8 + 5], 0x7f
    mov [cs:0], al
    fail
