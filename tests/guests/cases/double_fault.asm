; SPDX-License-Identifier: GPL-2.0-only
;
; Real mode: an interrupt beyond the IDT's limit is #GP; if that is beyond it too, it is #DF.
%define options "emulated=its emulator does not look at the limit of the IDT"
%include "case.inc"

    set_vector double_fault, handler
    lidt [short_ivt]
    check 1
    mov bx, sp
faulting:
    int 0x20
    fail

handler:
    must_be byte [count], 0
    inc byte [count]
    mov bp, sp
    must_be word [bp], faulting
    must_be word [bp + 2], 0
    add sp, 6
    must_be sp, bx
    check 2                     ; a fault by another cause
    set_vector double_fault, second_handler
second_fault:
    mov al, [dword 0x10000]
    fail

second_handler:
    mov bp, sp
    must_be word [bp], second_fault
    add sp, 6
    lidt [usual_ivt]

    jmp all_passed

count:      db 0
align 2
short_ivt:  dw 8 * 4 + 3
            dd 0
usual_ivt:  dw 0x3ff
            dd 0
