; SPDX-License-Identifier: GPL-2.0-only
;
; MSRs that every guest has: SYSENTER, PAT, TSC, APIC base; non-canonical and reserved values; one
; that is not there.
%define options "emulated=its emulator takes any PAT"
%include "case.inc"

%macro must_keep 3              ; MSR, low, high half
    mov ecx, %1
    mov eax, %2
    mov edx, %3
    wrmsr
    xor eax, eax
    xor edx, edx
    rdmsr
    must_be eax, %2
    must_be edx, %3
%endmacro

    check 1
    must_keep 0x174, 0x1234, 0
    must_keep 0x175, 0x12345678, 0
    must_keep 0x176, 0x87654321, 0
    must_keep 0xc0000100, 0x12345678, 0x00007fff
    must_keep 0xc0000101, 0x12345678, 0xffff8000

    check 2                     ; PAT
    mov ecx, 0x277
    rdmsr
    must_be eax, 0x00070406
    must_be edx, 0x00070406
    must_keep 0x277, 0x01040506, 0x00070406
    mov eax, 0x02000000
    must_fault general_protection, wrmsr
    mov eax, 0x03000000
    must_fault general_protection, wrmsr
    mov eax, 0x08000000
    must_fault general_protection, wrmsr

    check 3                     ; addresses that are not canonical
    mov ecx, 0xc0000100
    mov eax, 0
    mov edx, 0x00008000
    must_fault general_protection, wrmsr

    check 4                     ; this is the BSP, its APIC is enabled, at the usual place
    mov ecx, 0x1b
    rdmsr
    and eax, 0xfffffb00         ; not the x2APIC bit
    must_be eax, 0xfee00900
    must_be edx, 0

    check 5                     ; none
    mov ecx, 0x12345678
    must_fault general_protection, rdmsr
    must_fault general_protection, wrmsr
    mov ecx, 0xc0000999
    must_fault general_protection, rdmsr

    check 6                     ; FS base: what the MSR says is where FS is, also in real mode
    mov ecx, 0xc0000100
    mov eax, 0x20000
    xor edx, edx
    wrmsr
    mov byte [fs:8], 0x99
    xor ax, ax
    mov fs, ax
    mov ax, 0x2000
    mov es, ax
    must_be byte [es:8], 0x99
    mov fs, ax
    mov ecx, 0xc0000100
    rdmsr
    must_be eax, 0x20000

    jmp all_passed
