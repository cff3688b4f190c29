; SPDX-License-Identifier: GPL-2.0-only
;
; x2APIC mode, in real mode by MSRs: #GP before it is on, ID, SVR, self IPI, ICR, reserved
; registers.
%define options "apic=yes;needs=irqchip;emulated=its emulator takes interrupts elsewhere"
%include "case.inc"

%macro write_msr 2
    mov ecx, %1
    mov eax, %2
    xor edx, edx
    wrmsr
%endmacro

    mov eax, 1
    cpuid
    bt ecx, 21
    jnc without
    set_vector 0x41, handler
    check 1                     ; not yet
    mov ecx, 0x802
    must_fault general_protection, rdmsr
    write_msr 0x1b, 0xfee00d00
    mov ecx, 0x802
    rdmsr
    must_be eax, 0
    mov ecx, 0x80f
    rdmsr
    must_be eax, 0xff
    write_msr 0x80f, 0x1ff

    check 2                     ; self IPI by its own register
    write_msr 0x83f, 0x41
    must_be word [count], 0
    sti
    nop
    nop
    cli
    must_be word [count], 1

    check 3                     ; and by ICR, to itself by id
    write_msr 0x830, 0x4041
    sti
    nop
    nop
    cli
    must_be word [count], 2

    check 4                     ; logical id: cluster and bit of the id
    mov ecx, 0x80d
    rdmsr
    must_be eax, 1
    must_fault general_protection, wrmsr        ; read-only

    check 5                     ; there is no DFR, no ICR2
    mov ecx, 0x80e
    must_fault general_protection, rdmsr
    mov ecx, 0x831
    must_fault general_protection, rdmsr

    check 6                     ; not back to xAPIC mode directly
    mov ecx, 0x1b
    mov eax, 0xfee00900
    xor edx, edx
    must_fault general_protection, wrmsr
without:
    jmp all_passed

handler:
    inc word [count]
    push eax
    push ecx
    push edx
    write_msr 0x80b, 0
    pop edx
    pop ecx
    pop eax
    iret

align 2
count:  dw 0
