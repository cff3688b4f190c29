; SPDX-License-Identifier: GPL-2.0-only
;
; 32-bit protected mode without paging: work with a known result and exceptions through the IDT, for
; ever; a dot for each 32 rounds. Ends only if something is wrong, with the number of the check.
; Wants 2 MiB of memory.
%include "case.inc"
%include "modes.inc"
%include "smi_sum.inc"

    real_to_protected32
next_dot:
    mov word [rounds], 32
next_round:
    check 1
    work
    check 2
    must_fault invalid_opcode, ud2
    check 3                     ; CR3 is the guest's own
    mov eax, 0x12345000
    mov cr3, eax
    mov ebx, cr3
    must_be ebx, 0x12345000
    dec word [rounds]
    jnz next_round
    show_progress
    jmp next_dot

rounds: dw 0
