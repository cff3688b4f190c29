; SPDX-License-Identifier: GPL-2.0-only
;
; Waits in HLT (rmguest run --halt wait) for what rmguest inject sends: interrupt 21h prints I, the
; third one ends the run with status 5; an NMI prints N.
%include "guest.inc"

interrupt       equ 0x21
nmi             equ 2
last            equ 3

    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address
    mov word [4 * interrupt], on_interrupt
    mov word [4 * interrupt + 2], 0
    mov word [4 * nmi], on_nmi
    mov word [4 * nmi + 2], 0
    sti
wait_on:
    hlt
    jmp wait_on

on_interrupt:
    mov al, 'I'
    out debug_port, al
    inc byte [count]
    cmp byte [count], last
    jne .not_yet
    exit 5
.not_yet:
    iret

on_nmi:
    mov al, 'N'
    out debug_port, al
    iret

count: db 0
