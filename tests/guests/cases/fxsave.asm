; SPDX-License-Identifier: GPL-2.0-only
;
; FXSAVE and FXRSTOR: x87 and SSE registers come back; FSAVE and FRSTOR.
%define options "emulated=its emulator has few x87 and SSE instructions;bochs2.7=FRSTOR in 16-bit code does not bring ST0 back"
%include "case.inc"

    mov eax, cr0_et | cr0_mp | cr0_ne
    mov cr0, eax
    mov eax, cr4_osfxsr
    mov cr4, eax
    check 1
    fninit
    fld1
    fldpi
    movaps xmm3, [pattern]
    fxsave [0x2000]
    must_be byte [0x2004], 0xc0         ; tags: two are valid
    must_be dword [0x2000 + 160 + 3 * 16], 0x33221100
    fninit
    xorps xmm3, xmm3
    fxrstor [0x2000]
    fistp dword [scratch]
    must_be dword [scratch], 3
    movd eax, xmm3
    must_be eax, 0x33221100

    check 2                     ; reserved bits of MXCSR, alignment
    or dword [0x2000 + 24], 1 << 16
    must_fault general_protection, fxrstor [0x2000]
    must_fault general_protection, fxsave [0x2008]

    check 3                     ; FSAVE initializes
    fnsave [0x2400]
    fnstsw ax
    must_be ax, 0
    check 4
    frstor [0x2400]
    fistp dword [scratch]
    must_be dword [scratch], 1

    jmp all_passed

align 16
pattern:    dd 0x33221100, 0x77665544, 0xbbaa9988, 0xffeeddcc
scratch:    dd 0
