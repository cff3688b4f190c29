; SPDX-License-Identifier: GPL-2.0-only
;
; xAPIC registers: reset values, what is kept, LVT masks while the APIC is off.
%define options "apic=yes;needs=irqchip;emulated=its emulator has no exceptions in protected mode"
%include "case.inc"
%include "modes.inc"
%include "apic.inc"

    real_to_protected32
    check 1
    read_apic apic_id
    must_be eax, 0
    read_apic apic_version
    and eax, 0xff
    cmp eax, 0x10
    must ae
    read_apic apic_svr
    must_be eax, 0xff
    read_apic apic_dfr
    must_be eax, 0xffffffff
    read_apic apic_tpr
    must_be eax, 0

    check 2                     ; off by SVR: an LVT entry stays masked
    write_apic apic_lvt_timer, 0x40
    read_apic apic_lvt_timer
    must_be eax, 0x40 | lvt_masked
    write_apic apic_svr, svr_enabled
    write_apic apic_lvt_timer, 0x40
    read_apic apic_lvt_timer
    must_be eax, 0x40

    check 3                     ; what is kept
    write_apic apic_tpr, 0x55
    read_apic apic_tpr
    must_be eax, 0x55
    write_apic apic_tpr, 0
    write_apic apic_ldr, 0x02ffffff
    read_apic apic_ldr
    must_be eax, 0x02000000
    write_apic apic_icr_high, 0x03000000
    read_apic apic_icr_high
    must_be eax, 0x03000000
    write_apic apic_divide, divide_by_1
    read_apic apic_divide
    must_be eax, divide_by_1

    check 4                     ; the base in its MSR
    mov ecx, 0x1b
    rdmsr
    must_be eax, apic_address | 0x900
    protected32_to_real

    jmp all_passed
