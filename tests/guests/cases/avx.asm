; SPDX-License-Identifier: GPL-2.0-only
;
; XSETBV, XGETBV, AVX in protected mode, XSAVE; #UD without CR4.OSXSAVE and in real mode.
%define options "needs=xcrs;emulated=its emulator has no XGETBV"
%include "case.inc"
%include "modes.inc"

    check 1
    mov eax, 1
    cpuid
    test ecx, 1 << 28           ; AVX
    jz all_passed_without
    xor ecx, ecx
    must_fault invalid_opcode, xgetbv
    mov eax, cr4_osxsave | cr4_osfxsr
    mov cr4, eax
    mov eax, 1
    cpuid
    test ecx, 1 << 27           ; OSXSAVE
    must nz
    xor ecx, ecx
    xgetbv
    must_be eax, 1

    check 2                     ; XCR0
    mov eax, 7
    xor edx, edx
    xsetbv
    xgetbv
    must_be eax, 7
    mov eax, 5                  ; AVX without SSE
    must_fault general_protection, xsetbv
    mov eax, 6                  ; no x87
    must_fault general_protection, xsetbv
    mov ecx, 1
    mov eax, 7
    must_fault general_protection, xsetbv
    must_fault invalid_opcode, vaddps ymm0, ymm1, ymm2  ; real mode has no VEX

    real_to_protected32
    check 3
    vbroadcastss ymm1, [numbers]
    vaddps ymm0, ymm1, [numbers]
    vextractf128 xmm2, ymm0, 1
    vmovups [result], xmm2
    must_be dword [result], __float32__(6.0)

    check 4                     ; XSAVE, XRSTOR
    mov eax, 7
    xor edx, edx
    xsave [0x4000]
    vzeroall
    xrstor [0x4000]
    vextractf128 xmm2, ymm0, 1
    vmovups [result], xmm2
    must_be dword [result], __float32__(6.0)

    check 5                     ; not with TS
    mov eax, cr0
    or eax, cr0_ts
    mov cr0, eax
    must_fault device_not_available, vaddps ymm0, ymm1, ymm2
    clts
    protected32_to_real
all_passed_without:
    jmp all_passed

align 32
numbers:    dd 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0
result:     times 16 db 0
