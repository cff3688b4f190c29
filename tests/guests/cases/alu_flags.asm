; SPDX-License-Identifier: GPL-2.0-only
;
; Flags of ADD, ADC, SUB, SBB, CMP, INC, DEC and NEG.
%include "case.inc"

arithmetic_flags equ flag_carry | flag_parity | flag_adjust | flag_zero | flag_sign | flag_overflow

    check 1                     ; every flag of an addition
    mov al, 0x7f
    add al, 1
    must_flags flag_adjust | flag_sign | flag_overflow, arithmetic_flags
    mov al, 0xff
    add al, 1
    must_flags flag_carry | flag_parity | flag_adjust | flag_zero, arithmetic_flags
    mov ax, 0x8000
    add ax, 0x8000
    must_flags flag_carry | flag_parity | flag_zero | flag_overflow, arithmetic_flags

    check 2                     ; ADC with and without carry
    stc
    mov eax, 0xffffffff
    adc eax, 0
    must_flags flag_carry | flag_parity | flag_adjust | flag_zero, arithmetic_flags
    clc
    adc eax, 3
    must_flags flag_parity, arithmetic_flags

    check 3                     ; SUB, SBB, CMP
    mov al, 0x80
    sub al, 1
    must_flags flag_adjust | flag_overflow, arithmetic_flags
    mov ax, 0
    stc
    sbb ax, 0xffff
    must_flags flag_carry | flag_parity | flag_adjust | flag_zero, arithmetic_flags
    mov al, 5
    cmp al, 6
    must_flags flag_carry | flag_parity | flag_adjust | flag_sign, arithmetic_flags
    must_be al, 5

    check 4                     ; INC and DEC leave CF
    stc
    mov al, 0xff
    inc al
    must_flags flag_carry | flag_parity | flag_adjust | flag_zero, arithmetic_flags
    clc
    mov ax, 0
    dec ax
    must_flags flag_parity | flag_adjust | flag_sign, arithmetic_flags

    check 5                     ; NEG
    xor ax, ax
    neg ax
    must_flags flag_parity | flag_zero, arithmetic_flags
    mov al, 0x80
    neg al
    must_flags flag_carry | flag_sign | flag_overflow, arithmetic_flags
    must_be al, 0x80

    check 6                     ; in memory, with each size
    mov dword [value], 0x7fffffff
    add byte [value], 1
    must_flags flag_carry | flag_parity | flag_adjust | flag_zero, arithmetic_flags
    adc word [value], 0xff00
    must_be dword [value], 0x7ffffe00
    inc dword [value]
    must_be dword [value], 0x7ffffe01

    jmp all_passed

align 4
value:  dd 0
