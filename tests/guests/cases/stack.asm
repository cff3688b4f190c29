; SPDX-License-Identifier: GPL-2.0-only
;
; PUSH and POP of everything, PUSHA, ENTER, LEAVE, RET n, PUSH SP.
%define options "emulated=its emulator has no nested ENTER"
%include "case.inc"

    check 1
    push word 0x1234
    push byte -2
    pop ax
    must_be ax, 0xfffe
    pop bx
    must_be bx, 0x1234
    push dword 0x12345678
    must_be sp, load_address - 4
    pop ax
    pop bx
    must_be ax, 0x5678
    must_be bx, 0x1234

    check 2                     ; PUSH SP pushes the old value; POP SP takes the popped one
    push sp
    pop ax
    must_be ax, load_address
    mov bx, sp
    push word 0x7000
    pop sp
    must_be sp, 0x7000
    mov sp, bx

    check 3                     ; PUSHA and POPA
    mov ax, 1
    mov cx, 2
    mov dx, 3
    mov bx, 4
    mov bp, 5
    mov si, 6
    mov di, 7
    pusha
    must_be word [esp + 6], load_address        ; SP before
    mov word [esp + 6], 0                       ; ignored by POPA
    mov word [esp + 14], 0x11
    popa
    must_be ax, 0x11
    must_be di, 7
    must_be sp, load_address
    pushad
    must_be sp, load_address - 32
    popad

    check 4                     ; memory and segment registers
    push word [value]
    pop word [value + 2]
    must_be dword [value], 0xabcdabcd
    push ds
    pop fs
    push gs
    mov ax, 0x1234
    mov gs, ax
    pop gs
    mov ax, gs
    must_be ax, 0
    o32 push fs                 ; 4 bytes go, whatever is in the upper two
    must_be sp, load_address - 4
    pop ax
    must_be ax, 0
    pop ax

    check 5                     ; ENTER 4, 0 and 4, 2; LEAVE
    mov bp, 0x1111
    enter 4, 0
    must_be bp, load_address - 2
    must_be sp, load_address - 6
    must_be word [bp], 0x1111
    enter 4, 2
    must_be word [bp], load_address - 2
    must_be sp, load_address - 6 - 2 - 2 - 2 - 4
    leave
    leave
    must_be bp, 0x1111
    must_be sp, load_address

    check 6                     ; RET n
    push word 1
    push word 2
    call takes_two
    must_be ax, 3
    must_be sp, load_address

    jmp all_passed

takes_two:
    mov bp, sp
    mov ax, [bp + 2]
    add ax, [bp + 4]
    ret 4

align 4
value:  dw 0xabcd, 0
