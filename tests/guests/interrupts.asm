; SPDX-License-Identifier: GPL-2.0-only
;
; Software interrupts and exceptions through the IVT. Exit status: 0, or the number of the check.
%include "guest.inc"

test_vector     equ 0x60
other_vector    equ 0x7f
divide_error    equ 0
breakpoint      equ 3
overflow        equ 4
invalid_opcode  equ 6
trap_flag       equ 1 << 8
interrupt_flag  equ 1 << 9

%include "vectors.inc"

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address

    check 1                     ; INT n comes to the handler, and back behind the INT
    set_vector test_vector, count_handler
    mov word [count], 0
    int test_vector
after_first:
    int test_vector
    cmp word [count], 2
    must e
    cmp sp, load_address
    must e

    check 2                     ; what INT n pushes: FLAGS, CS, IP; IF and TF are clear inside
    set_vector other_vector, frame_handler
    stc
    sti
    int other_vector
after_frame:
    pushf
    pop bx
    cli
    test bx, interrupt_flag     ; IRET gave IF back
    must nz
    cmp word [frame_ip], after_frame
    must e
    mov ax, cs
    cmp [frame_cs], ax
    must e
    test word [frame_flags], interrupt_flag
    must nz
    test word [frame_flags], 1  ; CF
    must nz
    test word [inner_flags], interrupt_flag | trap_flag
    must z

    check 3                     ; a handler changes the flags that IRET gives back
    set_vector test_vector, carry_handler
    clc
    int test_vector
    must c

    check 4                     ; #DE: the pushed IP is the faulting instruction
    set_vector divide_error, divide_handler
    mov ax, 1000
    mov bl, 0
divide:
    div bl                      ; 2 bytes; the handler skips them
    cmp word [frame_ip], divide
    must e
    cmp ax, 1000
    must e
    mov ax, 0x1000              ; and when the quotient is too big
    mov bl, 2
divide_overflow:
    div bl
    cmp word [frame_ip], divide_overflow
    must e

    check 5                     ; INT3 and INTO are traps
    set_vector breakpoint, frame_handler
    int3
after_int3:
    cmp word [frame_ip], after_int3
    must e
    set_vector overflow, frame_handler
    mov word [frame_ip], 0
    mov al, 1
    add al, 1                   ; no overflow
    into
    cmp word [frame_ip], 0
    must e
    mov al, 127
    add al, 1
    into
after_into:
    cmp word [frame_ip], after_into
    must e

    check 6                     ; #UD
    set_vector invalid_opcode, skip2_handler
    mov word [frame_ip], 0
undefined:
    ud2
    cmp word [frame_ip], undefined
    must e

    check 7                     ; a moved IVT: LIDT with another base
    set_vector test_vector, count_handler
    mov si, 0
    mov di, moved_ivt
    mov ax, ds
    mov es, ax
    mov cx, 512
    rep movsw
    set_vector test_vector, carry_handler
    lidt [moved_idtr]
    mov word [count], 0
    int test_vector
    lidt [usual_idtr]
    cmp word [count], 1
    must e

    jmp all_passed

count_handler:
    inc word [cs:count]
    iret

frame_handler:
    pushf
    pop word [cs:inner_flags]
    push bp
    mov bp, sp
    push ax
    mov ax, [bp + 2]
    mov [cs:frame_ip], ax
    mov ax, [bp + 4]
    mov [cs:frame_cs], ax
    mov ax, [bp + 6]
    mov [cs:frame_flags], ax
    pop ax
    pop bp
    iret

carry_handler:
    push bp
    mov bp, sp
    or word [bp + 6], 1
    pop bp
    iret

divide_handler:
skip2_handler:
    push bp
    mov bp, sp
    push ax
    mov ax, [bp + 2]
    mov [cs:frame_ip], ax
    add word [bp + 2], 2
    pop ax
    pop bp
    iret

%include "checks.inc"
%include "print.inc"

align 2
count:          dw 0
frame_ip:       dw 0
frame_cs:       dw 0
frame_flags:    dw 0
inner_flags:    dw 0
usual_idtr:     dw 0x3ff
                dd 0
moved_idtr:     dw 0x3ff
                dd moved_ivt
moved_ivt       equ 0x9000
