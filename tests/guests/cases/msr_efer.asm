; SPDX-License-Identifier: GPL-2.0-only
;
; EFER outside long mode: bits that are kept, LMA that can't be written, bits that fault.
%include "case.inc"

msr_efer    equ 0xc0000080
efer_lme    equ 1 << 8
efer_lma    equ 1 << 10
efer_nxe    equ 1 << 11

    check 1                     ; 0 after a reset
    mov ecx, msr_efer
    rdmsr
    must_be eax, 0
    must_be edx, 0

    check 2                     ; LME and NXE
    mov eax, efer_lme
    wrmsr
    rdmsr
    must_be eax, efer_lme
    mov eax, efer_nxe
    wrmsr
    rdmsr
    must_be eax, efer_nxe
    xor eax, eax
    wrmsr

    check 3                     ; reserved bits
    mov eax, 1 << 9
    must_fault general_protection, wrmsr
    xor eax, eax
    mov edx, 1
    must_fault general_protection, wrmsr
    rdmsr
    must_be eax, 0

    jmp all_passed
