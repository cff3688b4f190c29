; SPDX-License-Identifier: GPL-2.0-only
;
; AND, OR, XOR, NOT and TEST: results, and flags with CF and OF clear.
%include "case.inc"

defined_flags equ flag_carry | flag_parity | flag_zero | flag_sign | flag_overflow

    check 1
    stc
    mov al, 0xf0
    and al, 0x3c
    must_flags flag_parity, defined_flags
    must_be al, 0x30
    mov ax, 0x8000
    or ax, 0x0001
    must_flags flag_sign, defined_flags
    xor eax, eax
    must_flags flag_parity | flag_zero, defined_flags

    check 2                     ; TEST writes nothing
    mov ebx, 0x80000000
    test ebx, ebx
    must_flags flag_sign | flag_parity, defined_flags
    must_be ebx, 0x80000000

    check 3                     ; NOT changes no flags
    stc
    mov cx, 0x00ff
    not cx
    must c
    must_be cx, 0xff00

    check 4                     ; in memory, with an immediate that is sign-extended
    mov dword [value], 0x12345678
    and dword [value], byte -16
    must_be dword [value], 0x12345670
    xor word [value + 1], 0xffff
    must_be dword [value], 0x12cba970
    or byte [value + 3], 0x80
    must_be dword [value], 0x92cba970

    jmp all_passed

align 4
value:  dd 0
