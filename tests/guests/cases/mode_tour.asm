; SPDX-License-Identifier: GPL-2.0-only
;
; Real mode, 16- and 32-bit protected mode, both kinds of paging, long mode, and back, in several
; orders; exceptions work in each of them.
%define options "emulated=its emulator has no IRET in protected mode"
%include "case.inc"
%include "modes.inc"

%macro look_around 0
    must_fault invalid_opcode, ud2
%endmacro

    mov bp, 3
next_round:
    check 1
    real_to_protected16
    look_around
    protected16_to_real
    look_around

    check 2
    real_to_protected32
    look_around
    call build_page_tables
    check 3
    paging32_on
    look_around
    paging_off
    check 4
    protected32_to_long
    look_around
    long_to_protected32
    look_around
    protected32_to_real
    look_around

    check 5
    real_to_long
    look_around
    long_to_real
    look_around

    dec bp
    jnz next_round
    must_be sp, load_address
    mov eax, cr0
    test al, cr0_pe
    must z

    jmp all_passed
