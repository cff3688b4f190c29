; SPDX-License-Identifier: GPL-2.0-only
;
; The end of a 64 KiB segment: each size of access, by each segment.
%define options "emulated=its emulator has no BOUND"
%include "case.inc"

    check 1                     ; what fits
    mov ax, 0x2000
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov al, [es:0xffff]
    mov ax, [fs:0xfffe]
    mov eax, [gs:0xfffc]

    check 2                     ; what does not
    must_fault general_protection, mov ax, [es:0xffff]
    must_fault general_protection, mov eax, [fs:0xfffd]
    must_fault general_protection, mov [gs:0xfffe], eax
    mov ebx, 0x10000
    must_fault general_protection, mov al, [ebx]
    must_fault general_protection, add byte [ebx], 1
    mov ebp, 0x10000
    must_fault stack_fault, mov al, [ebp]
    must_fault general_protection, mov al, [ds:ebp]

    check 3                     ; other operands: FPU, far pointers, BOUND, string of bits
    must_fault general_protection, les ax, [es:0xfffd]
    must_fault general_protection, bound ax, [es:0xfffd]
    must_fault general_protection, lgdt [es:0xfffb]
    must_fault general_protection, call far [es:0xfffd]
    must_be word [fault_count], 11

    check 4                     ; LEA does not look
    lea eax, [ebx + ebx]
    must_be eax, 0x20000

    jmp all_passed
