; SPDX-License-Identifier: GPL-2.0-only
;
; NMI: taken with IF clear, blocked until IRET, one more is kept meanwhile, wakes HLT.
%define options "needs=interrupts;emulated=its emulator takes NMIs elsewhere"
%include "case.inc"

    set_vector nmi_vector, handler
    check 1
    order order_nmi, 0
after_order:
    must_be word [count], 1
    must_be word [seen_ip], after_order

    check 2                     ; inside the handler another one waits for IRET
    mov byte [nested], 1
    order order_nmi, 0
    must_be word [count], 3
    must_be word [deepest], 1

    check 3                     ; out of HLT, IF clear
    order order_nmi_at_halt, 0
    hlt
    must_be word [count], 4

    check 4                     ; an interrupt in the handler: its IRET unblocks NMIs
    mov byte [nested], 2
    order order_nmi, 0
    must_be word [count], 6
    must_be word [deepest], 2
    must_be sp, load_address

    jmp all_passed

handler:
    push bp
    mov bp, sp
    push eax
    mov ax, [bp + 2]
    mov [seen_ip], ax
    inc word [count]
    inc word [depth]
    mov ax, [depth]
    cmp ax, [deepest]
    jbe .not_deeper
    mov [deepest], ax
.not_deeper:
    mov al, [nested]
    mov byte [nested], 0
    cmp al, 1
    jb .end
    ja .unblock
    order order_nmi, 0
    nop
    nop
    jmp .end
.unblock:
    order order_nmi, 0
    nop
    pushf
    push cs
    push word .end
    iret                        ; here the second one comes
.end:
    dec word [depth]
    pop eax
    pop bp
    iret

align 2
count:      dw 0
seen_ip:    dw 0
depth:      dw 0
deepest:    dw 0
nested:     db 0
