; SPDX-License-Identifier: GPL-2.0-only
;
; A guest that sends INIT to itself again and again: each write of its APIC's ICR is one reset, no
; more and no less, and it goes on at the reset vector.
%define options "start=reset;apic=yes;needs=irqchip;emulated=its emulator has no exceptions in protected mode"
%include "case.inc"
%include "modes.inc"
%include "apic.inc"

resets  equ 200

    inc word [starts]
    mov ax, [writes]
    inc ax
%assign current_number 1        ; as `check 1`, without its output
    must_be [starts], ax
    cmp ax, resets + 1
    je all_passed
    mov [writes], ax
    real_to_protected32
    send_init_to_self
%assign current_number 2
    fail

align 4
starts: dw 0
writes: dw 0
