; SPDX-License-Identifier: GPL-2.0-only
;
; MUL, IMUL with one, two and three operands, DIV, IDIV, and their #DE.
%include "case.inc"

    check 1
    mov eax, 0xffffffff
    mov ebx, 0xffffffff
    mul ebx
    must c
    must_be eax, 1
    must_be edx, 0xfffffffe
    mov ax, 0x1000
    mov bx, 0x000f
    mul bx
    must nc
    must_be dx, 0

    check 2                     ; CF and OF say whether the sign extension is lost
    mov ax, -300
    imul ax, 100
    must no
    must_be ax, -30000
    imul ax, ax, 2
    must o
    mov ebx, -3
    mov ecx, 7
    imul ebx, ecx
    must no
    must_be ebx, -21
    imul cx, [factor], -2
    must_be cx, -2468

    check 3                     ; 64 by 32 bits
    mov edx, 0x12345678
    mov eax, 0x9abcdef0
    mov ebx, 0x87654321
    div ebx
    must_be eax, 0x226b9022
    must_be edx, 0x38bc648e

    check 4                     ; signs: the remainder has the dividend's
    mov ax, -7
    mov bl, 2
    idiv bl
    must_be al, -3
    must_be ah, -1
    mov ax, 7
    mov bl, -2
    idiv bl
    must_be al, -3
    must_be ah, 1

    check 5                     ; #DE leaves the operands
    mov edx, 5
    mov eax, 1
    mov ebx, 5
    must_fault divide_error, div ebx
    must_be edx, 5
    must_be eax, 1
    mov edx, 0x80000000
    xor eax, eax
    mov ebx, -1
    must_fault divide_error, idiv ebx
    mov ax, 0x0080
    mov bl, 1
    must_fault divide_error, idiv bl
    mov ax, -128
    idiv bl
    must_be al, -128

    jmp all_passed

align 2
factor: dw 1234
