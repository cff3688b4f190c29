; SPDX-License-Identifier: GPL-2.0-only
;
; xAPIC registers that are computed when they are read: the timer's current count, and the PPR. The
; CPU does not read them for its guest; the owner knows nothing of that.
%define options "apic=yes;needs=irqchip;emulated=its emulator has no exceptions in protected mode"
%include "case.inc"
%include "modes.inc"
%include "apic.inc"

%macro read_computed 1
    mov ebx, apic_address + %1
    mov eax, [ebx]
%endmacro

    real_to_protected32
    write_apic apic_svr, svr_enabled

    check 1                     ; with nothing in service the PPR is the TPR
    read_computed apic_ppr
    must_be eax, 0
    write_apic apic_tpr, 0x55
    read_computed apic_ppr
    must_be eax, 0x55
    write_apic apic_tpr, 0

    check 2                     ; no timer, no count
    read_computed apic_current
    must_be eax, 0

    check 3                     ; the count goes down
    write_apic apic_lvt_timer, lvt_masked | 0x40
    write_apic apic_divide, divide_by_1
    write_apic apic_initial, 0xffffffff
    read_computed apic_current
    mov ecx, eax
    test eax, eax
    must nz
    mov edx, 1000
.wait:
    dec edx
    jnz .wait
    read_computed apic_current
    cmp eax, ecx
    must b
    test eax, eax
    must nz

    check 4                     ; and is 0 when the timer is stopped
    write_apic apic_initial, 0
    read_computed apic_current
    must_be eax, 0

    check 5                     ; other registers and ways to address it
    write_apic apic_tpr, 0x37
    mov edi, [apic_address + apic_ppr]
    must_be edi, 0x37
    mov eax, [apic_address + apic_ppr]
    must_be eax, 0x37
    mov ecx, apic_ppr / 4
    mov ebp, [apic_address + ecx * 4]
    must_be ebp, 0x37
    mov ebx, apic_address + apic_ppr - 0x12
    mov edx, [ebx + 0x12]
    must_be edx, 0x37
    write_apic apic_tpr, 0
    protected32_to_real

    jmp all_passed
