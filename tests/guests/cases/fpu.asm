; SPDX-License-Identifier: GPL-2.0-only
;
; x87: arithmetic, comparisons, status and control words, tags, an exception that is masked.
%define options "emulated=its emulator has few x87 and SSE instructions"
%include "case.inc"

    mov eax, cr0_et | cr0_mp | cr0_ne
    mov cr0, eax
    check 1
    fninit
    fnstcw [word_]
    must_be word [word_], 0x37f
    fnstsw ax
    must_be ax, 0

    check 2
    fild dword [seven]
    fild dword [three]
    fdivp st1
    fimul dword [three]
    fistp dword [result]
    must_be dword [result], 7
    fldpi
    fistp qword [result]
    must_be dword [result], 3
    must_be dword [result + 4], 0

    check 3                     ; rounding
    fnstcw [word_]
    or word [word_], 0xc00      ; toward zero
    fldcw [word_]
    fld dword [two_and_a_half]
    fchs
    fistp word [result]
    must_be word [result], -2
    fninit
    fld dword [two_and_a_half]
    fistp word [result]
    must_be word [result], 2    ; to even

    check 4                     ; comparison into EFLAGS and into the status word
    fld1
    fldz
    fcomip st1
    must b
    fcom dword [two_and_a_half]
    fnstsw ax
    sahf
    must b
    fstp st0

    check 5                     ; a masked division by zero gives infinity, and its flag
    fldz
    fld1
    fdivrp st1
    fnstsw ax
    test al, 4
    must nz
    fxam
    fnstsw ax
    and ax, 0x4500
    must_be ax, 0x0500          ; infinity
    fninit

    check 6                     ; packed decimal, 80-bit numbers, environment
    fbld [decimal]
    fbstp [copy]
    must_be dword [copy], 0x12345678
    fld1
    fnstenv [environment]
    must_be word [environment + 4], 0x3fff      ; tags: ST7 is valid
    fninit

    jmp all_passed

align 8
result:         dq 0
seven:          dd 7
three:          dd 3
two_and_a_half: dd 2.5
decimal:        dd 0x12345678
                dd 0
                dw 0
copy:           times 10 db 0
word_:          dw 0
environment:    times 28 db 0
