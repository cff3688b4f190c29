; SPDX-License-Identifier: GPL-2.0-only
;
; Shifts and rotates by 1, by CL and by a constant; counts are taken modulo 32.
%include "case.inc"

    check 1                     ; a count of 0 changes neither value nor flags
    mov ax, 0x1234
    mov cl, 0
    stc
    shl ax, cl
    must c
    must_be ax, 0x1234
    mov cl, 32
    stc
    shr ax, cl
    must c
    must_be ax, 0x1234

    check 2                     ; SHL, SHR, SAR; OF of a shift by one
    mov al, 0x40
    shl al, 1
    must_flags flag_overflow | flag_sign, flag_carry | flag_overflow | flag_sign
    mov ax, 0x8001
    shr ax, 1
    must_flags flag_carry | flag_overflow, flag_carry | flag_overflow
    must_be ax, 0x4000
    mov eax, 0x80000000
    sar eax, 31
    must_be eax, -1
    mov ax, 0xffff
    shl ax, 17                  ; more than the operand has
    must_be ax, 0

    check 3                     ; ROL, ROR
    mov al, 0x81
    rol al, 4
    must_be al, 0x18
    mov ax, 0x1234
    ror ax, 20
    must_be ax, 0x4123
    mov eax, 0x80000001
    rol eax, 1
    must c
    must_be eax, 3

    check 4                     ; RCL, RCR: 9, 17 and 33 bits go round
    stc
    mov al, 0
    rcl al, 9
    must c
    must_be al, 0
    clc
    mov ax, 1
    rcr ax, 2
    must_be ax, 0x8000
    stc
    mov eax, 0
    rcr eax, 1
    must nc
    must_be eax, 0x80000000

    check 5                     ; SHLD, SHRD
    mov eax, 0x12345678
    mov edx, 0x9abcdef0
    shld eax, edx, 8
    must_be eax, 0x3456789a
    must_be edx, 0x9abcdef0
    mov ax, 0x1234
    mov dx, 0x5678
    mov cl, 4
    shrd ax, dx, cl
    must_be ax, 0x8123

    check 6                     ; in memory
    mov word [value], 0x8001
    rol word [value], 1
    must_be word [value], 3
    shr byte [value], 1
    must_be word [value], 1

    jmp all_passed

align 2
value:  dw 0
