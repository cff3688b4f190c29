; SPDX-License-Identifier: GPL-2.0-only
;
; Work with a known result in real mode, protected mode, 32-bit and PAE paging and long mode, and
; every way between them, for ever; a dot for each 4 rounds. Ends only if something is wrong, with the
; number of the check. Wants 2 MiB of memory.
%include "case.inc"
%include "modes.inc"
%include "smi_sum.inc"

next_dot:
    mov word [rounds], 4
next_round:
    check 1
    work
    real_to_protected32
    check 2
    work
    call build_page_tables
    check 3
    paging32_on
    work
    must_fault invalid_opcode, ud2
    mov ebx, cr3
    must_be ebx, page_directory
    paging_off
    mov ebx, cr3
    must_be ebx, page_directory
    check 4
    pae_on
    work
    must_fault invalid_opcode, ud2
    paging_off
    check 5                     ; and back to real mode in between
    protected32_to_long
    work
    must_fault invalid_opcode, ud2
    long_to_real
    check 6
    must_be sp, load_address
    must_fault invalid_opcode, ud2
    dec word [rounds]
    jnz next_round
    show_progress
    jmp next_dot

rounds: dw 0
