; SPDX-License-Identifier: GPL-2.0-only
;
; HLT with interrupts on: the owner wakes it by an interrupt, which returns behind the HLT.
%define options "needs=interrupts"
%include "case.inc"

    check 1
    set_vector 0x20, handler
    order order_interrupt_at_halt, 0x20
    sti
halting:
    hlt
    cli
    must_be word [count], 1
    must_be word [seen_ip], halting + 1

    check 2                     ; two of them, one HLT each
    order order_interrupt_at_halt, 0x20
    order order_interrupt_at_halt, 0x20
    sti
    hlt
    hlt
    cli
    must_be word [count], 3

    check 3                     ; a vector of an exception comes as an interrupt, without error code
    set_vector 0xff, handler
    order order_interrupt_at_halt, 0xff
    sti
    hlt
    cli
    must_be word [count], 4
    must_be sp, load_address

    jmp all_passed

handler:
    inc word [count]
    push bp
    mov bp, sp
    push ax
    mov ax, [bp + 2]
    mov [seen_ip], ax
    pop ax
    pop bp
    iret

align 2
count:      dw 0
seen_ip:    dw 0
