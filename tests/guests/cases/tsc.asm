; SPDX-License-Identifier: GPL-2.0-only
;
; RDTSC goes up, the MSR agrees with it, WRMSR moves it, CR4.TSD leaves CPL 0 alone.
%include "case.inc"

    check 1
    rdtsc
    mov esi, eax
    mov edi, edx
    mov cx, 100
    loop $
    rdtsc
    sub eax, esi
    sbb edx, edi
    must_be edx, 0
    cmp eax, 100
    must ae

    check 2                     ; between two reads of the MSR
    mov ecx, 0x10
    rdmsr
    mov esi, eax
    mov edi, edx
    rdtsc
    sub eax, esi
    sbb edx, edi
    must ns
    check 3
    mov eax, cr4_tsd
    mov cr4, eax
    rdtsc
    xor eax, eax
    mov cr4, eax

    jmp all_passed
