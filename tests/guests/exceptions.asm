; SPDX-License-Identifier: GPL-2.0-only
;
; #BR, single steps, and high vectors through the IVT: what KVM's software emulation of real mode
; does not do right. Exit status: 0, or the number of the check.
%include "guest.inc"

high_vector     equ 0xff
single_step     equ 1
bound_range     equ 5
trap_flag       equ 1 << 8

%include "vectors.inc"

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address

    check 1                     ; #BR
    set_vector bound_range, bound_handler
    mov word [frame_ip], 0
    mov ax, 5
    bound ax, [limits]          ; inside: nothing
    cmp word [frame_ip], 0
    must e
    mov ax, 11
out_of_range:
    bound ax, [limits]          ; the handler makes AX fit
    cmp word [frame_ip], out_of_range
    must e
    cmp ax, 10
    must e

    check 2                     ; single step: one trap for each of three instructions
    set_vector single_step, count_handler
    mov word [count], 0
    pushf
    pop ax
    mov bx, ax
    or ax, trap_flag
    push ax
    popf                        ; TF is set after this
    nop                         ; trap
    push bx                     ; trap
    popf                        ; TF is clear again; the trap for it is still taken
    nop
    cmp word [count], 3
    must e

    check 3                     ; the last vector
    set_vector high_vector, count_handler
    mov word [count], 0
    int high_vector
    cmp word [count], 1
    must e

    jmp all_passed

count_handler:
    inc word [cs:count]
    iret

bound_handler:
    push bp
    mov bp, sp
    mov ax, [bp + 2]
    mov [cs:frame_ip], ax
    pop bp
    mov ax, 10
    iret

%include "checks.inc"
%include "print.inc"

align 2
limits:         dw 1, 10
count:          dw 0
frame_ip:       dw 0
