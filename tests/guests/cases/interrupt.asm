; SPDX-License-Identifier: GPL-2.0-only
;
; KVM_INTERRUPT: taken at once with IF set, in a window when IF gets set, after STI's shadow,
; after MOV SS's.
%define options "needs=interrupts;emulated=its emulator takes interrupts elsewhere"
%include "case.inc"

    set_vector 0x21, handler
    set_vector 0x22, second
    check 1                     ; IF is set: before the next instruction
    sti
    order order_interrupt, 0x21
after_order:
    must_be word [count], 1
    must_be word [seen_ip], after_order

    check 2                     ; IF is clear: not before STI and one instruction more
    cli
    order order_interrupt, 0x21
    nop
    nop
    must_be word [count], 1
    sti
    nop
after_shadow:
    nop
    cli
    must_be word [count], 2
    must_be word [seen_ip], after_shadow

    check 3                     ; POPF has no shadow
    order order_interrupt, 0x21
    push word flag_interrupt
    popf
after_popf:
    nop
    cli
    must_be word [count], 3
    must_be word [seen_ip], after_popf

    check 4                     ; STI, then MOV SS: the second shadow holds it back too
    order order_interrupt, 0x21
    mov ax, ss
    sti
    nop
after_nop:
    mov ss, ax
    nop
    cli
    must_be word [count], 4
    must_be word [seen_ip], after_nop

    check 5                     ; two at once come one after the other, the second inside the first
    order order_interrupt, 0x21
    order order_interrupt, 0x22
    sti
    nop
    nop
    nop
    cli
    must_be word [count], 5
    must_be word [second_count], 1

    check 6                     ; the pushed flags have IF set; inside it is clear
    test word [seen_flags], flag_interrupt
    must nz
    test word [inner_flags], flag_interrupt
    must z

    jmp all_passed

handler:
    pushf
    pop word [inner_flags]
    inc word [count]
    push bp
    mov bp, sp
    push ax
    mov ax, [bp + 2]
    mov [seen_ip], ax
    mov ax, [bp + 6]
    mov [seen_flags], ax
    pop ax
    pop bp
    iret
second:
    inc word [second_count]
    iret

align 2
count:          dw 0
second_count:   dw 0
seen_ip:        dw 0
seen_flags:     dw 0
inner_flags:    dw 0
