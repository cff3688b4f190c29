; SPDX-License-Identifier: GPL-2.0-only
;
; Code that changes itself, ahead of IP, in a loop, and by another segment.
%include "case.inc"

    check 1
    mov byte [patched], 0x41    ; INC CX instead of INC AX
    xor ax, ax
    xor cx, cx
    jmp short patched
patched:
    inc ax
    must_be cx, 1
    must_be ax, 0

    check 2                     ; a loop whose immediate grows
    mov cx, 10
    xor bx, bx
.loop:
    add bx, 1
    inc byte [.loop + 2]
    loop .loop
    must_be bx, 55

    check 3                     ; written through another segment
    mov ax, 0x10
    mov es, ax
    mov byte [es:target - 0x100], 0xb3  ; MOV BL instead of MOV AL
    mov ax, 0x1111
    mov bx, 0x2222
    jmp target
target:
    mov al, 0x77
    must_be bl, 0x77
    must_be al, 0x11

    jmp all_passed
