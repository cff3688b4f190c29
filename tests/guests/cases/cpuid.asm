; SPDX-License-Identifier: GPL-2.0-only
;
; CPUID: the owner's table, with and without index; a leaf that is not there; what must hold on
; any CPU.
%define options "needs=cpuid"
%include "case.inc"

    check 1                     ; EFLAGS.ID can be changed
    pushfd
    pop eax
    mov ebx, eax
    xor eax, flag_id
    push eax
    popfd
    pushfd
    pop eax
    xor eax, ebx
    test eax, flag_id
    must nz

    check 2                     ; 40000F00h is the owner's invention
    mov eax, 0x40000f00
    cpuid
    must_be eax, 0x11111111
    must_be ebx, 0x22222222
    must_be ecx, 0x33333333
    must_be edx, 0x44444444
    mov eax, 0x40000f01
    mov ecx, 5
    cpuid
    must_be eax, 0x55555555
    mov eax, 0x40000f01
    mov ecx, 4
    cpuid
    must_be eax, 0

    check 3                     ; FPU, PSE, TSC, MSR, PAE, CX8, CMOV, FXSR, SSE; long mode
    mov eax, 1
    cpuid
    mov eax, 0x03008179
    and edx, eax
    must_be edx, eax
    mov eax, 0x80000001
    cpuid
    test edx, 1 << 29
    must nz

    check 4                     ; OSXSAVE follows CR4
    mov eax, 1
    cpuid
    test ecx, 1 << 27
    must z

    jmp all_passed
