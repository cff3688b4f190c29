; SPDX-License-Identifier: GPL-2.0-only
;
; SSE in real mode: #UD without CR4.OSFXSR, arithmetic, alignment, MXCSR, #XM, #NM.
%define options "emulated=its emulator has few x87 and SSE instructions"
%include "case.inc"

    mov eax, cr0_et | cr0_mp | cr0_ne
    mov cr0, eax
    check 1
    must_fault invalid_opcode, addps xmm0, xmm1
    must_fault invalid_opcode, movaps xmm0, [numbers]
    mov eax, cr4_osfxsr
    mov cr4, eax

    check 2
    movaps xmm0, [numbers]
    mulps xmm0, xmm0
    movups [result + 1], xmm0
    must_be dword [result + 1], __float32__(1.0)
    must_be dword [result + 13], __float32__(16.0)
    cvttss2si eax, [numbers + 8]
    must_be eax, 3
    pxor xmm1, xmm1
    paddd xmm1, [integers]
    pshufd xmm1, xmm1, 0x1b
    movd eax, xmm1
    must_be eax, 4

    check 3                     ; alignment
    must_fault general_protection, movaps xmm0, [numbers + 1]
    must_fault general_protection, addps xmm0, [numbers + 4]
    movups xmm0, [numbers + 1]

    check 4                     ; MXCSR: the reset value, reserved bits
    stmxcsr [word_]
    must_be dword [word_], 0x1f80
    mov dword [word_], 1 << 16
    must_fault general_protection, ldmxcsr [word_]

    check 5                     ; a division by zero, unmasked: #UD without OSXMMEXCPT, #XM with it
    mov dword [word_], 0x1f80 & ~(1 << 9)
    ldmxcsr [word_]
    movss xmm0, [numbers]
    xorps xmm1, xmm1
    must_fault invalid_opcode, divss xmm0, xmm1
    mov eax, cr4_osfxsr | cr4_osxmmexcpt
    mov cr4, eax
    must_fault simd_fault, divss xmm0, xmm1
    stmxcsr [word_]
    test dword [word_], 1 << 2
    must nz

    check 6                     ; TS and EM
    mov eax, cr0_et | cr0_ts
    mov cr0, eax
    must_fault device_not_available, addps xmm0, xmm1
    mov eax, cr0_et | cr0_em
    mov cr0, eax
    must_fault invalid_opcode, addps xmm0, xmm1
    mov eax, cr0_et
    mov cr0, eax

    jmp all_passed

align 16
numbers:    dd 1.0, 2.0, 3.0, 4.0
integers:   dd 1, 2, 3, 4
result:     times 20 db 0
align 4
word_:      dd 0
            dd 0, 0, 0
