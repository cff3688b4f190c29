; SPDX-License-Identifier: GPL-2.0-only
;
; Nothing of the guest changes while its owner answers: general, FPU, XMM and debug registers,
; CR2, and MSRs keep their patterns over many exits of each kind.
%define options "emulated=its emulator has few x87 and SSE instructions"
%include "case.inc"

rounds  equ 200

    mov eax, cr4_osfxsr
    mov cr4, eax
    mov eax, cr0_et | cr0_ne
    mov cr0, eax
    fninit
    fldpi
    fldl2e
%assign number 0
%rep 8
    mov eax, 0x01010101 * (number + 1)
    movd xmm%[number], eax
    pshufd xmm%[number], xmm%[number], 0
%assign number number + 1
%endrep
    ldmxcsr [control]
    mov eax, 0xd0d0d0d0
    mov dr0, eax
    not eax
    mov dr3, eax
    mov eax, 0xc2c2c2c2
    mov cr2, eax
    mov ecx, 0x175
    mov eax, 0x51515151
    xor edx, edx
    wrmsr
    mov ecx, 0xc0000101
    mov eax, 0x20000
    wrmsr

    check 1
    fxsave [before]
    mov word [count], rounds
next:
    mov ebx, 0xbbbbbbbb
    mov ecx, 0xcccccccc
    mov esi, 0x51515151
    mov edi, 0xd1d1d1d1
    mov ebp, 0xb9b9b9b9
    mov dx, 0x1230
    in al, dx
    out dx, eax
    must_be ebx, 0xbbbbbbbb
    must_be ecx, 0xcccccccc
    must_be esi, 0x51515151
    must_be edi, 0xd1d1d1d1
    must_be ebp, 0xb9b9b9b9
    dec word [count]
    jnz next

    check 2
    fxsave [after]
    mov si, before
    mov di, after
    mov cx, (160 + 8 * 16) / 4
    repe cmpsd
    must e
    mov eax, dr0
    must_be eax, 0xd0d0d0d0
    mov eax, dr3
    must_be eax, 0x2f2f2f2f
    mov eax, cr2
    must_be eax, 0xc2c2c2c2
    mov ecx, 0x175
    rdmsr
    must_be eax, 0x51515151
    mov ecx, 0xc0000101
    rdmsr
    must_be eax, 0x20000

    jmp all_passed

align 4
control:    dd 0x1f80 | 0x6000
count:      dw 0
before      equ 0x2000
after       equ 0x2200
