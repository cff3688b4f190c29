; SPDX-License-Identifier: GPL-2.0-only
;
; IPIs to itself: IRR, ISR and EOI, priority by TPR, two levels nested, NMI.
%define options "apic=yes;needs=irqchip;emulated=its emulator has no exceptions in protected mode"
%include "case.inc"
%include "modes.inc"
%include "apic.inc"

    real_to_protected32
    write_apic apic_svr, svr_enabled
    set_idt32 0x41, handler, interrupt_gate32
    set_idt32 0x61, higher, interrupt_gate32
    set_idt32 nmi_vector, nmi, interrupt_gate32
    check 1                     ; pending while IF is clear
    write_apic apic_icr, icr_fixed | to_self | 0x41
    test_apic_bit apic_irr, 0x41
    must c
    must_be word [count], 0
    sti
    nop
    nop
    cli
    must_be word [count], 1
    must_be byte [in_service], 1
    test_apic_bit apic_isr, 0x41
    must nc
    test_apic_bit apic_irr, 0x41
    must nc

    check 2                     ; TPR holds class 4 back, not class 6
    write_apic apic_tpr, 0x50
    write_apic apic_icr, icr_fixed | to_self | 0x41
    write_apic apic_icr, icr_fixed | to_self | 0x61
    sti
    nop
    nop
    must_be word [count], 1
    must_be word [higher_count], 1
    write_apic apic_tpr, 0
    nop
    nop
    cli
    must_be word [count], 2

    check 3                     ; both at once: the higher one first
    write_apic apic_icr, icr_fixed | to_self | 0x41
    write_apic apic_icr, icr_fixed | to_self | 0x61
    mov byte [last], 0
    sti
    nop
    nop
    nop
    cli
    must_be word [count], 3
    must_be word [higher_count], 2
    must_be byte [last], 0x41

    check 4                     ; by its APIC id; an NMI
    write_apic apic_icr_high, 0
    write_apic apic_icr, icr_fixed | 0x41
    write_apic apic_icr, icr_nmi
    nop
    must_be word [nmis], 1
    sti
    nop
    nop
    cli
    must_be word [count], 4

    check 5                     ; out of HLT
    write_apic apic_icr, icr_fixed | to_self | 0x41
    sti
    hlt
    cli
    must_be word [count], 5
    protected32_to_real
    jmp all_passed

bits 32
handler:
    push eax
    inc word [count]
    mov byte [last], 0x41
    test_apic_bit apic_isr, 0x41
    setc [in_service]
    write_apic apic_eoi, 0
    pop eax
    iretd
higher:
    push eax
    inc word [higher_count]
    mov byte [last], 0x61
    write_apic apic_eoi, 0
    pop eax
    iretd
nmi:
    inc word [nmis]
    iretd

bits 16
align 2
count:          dw 0
higher_count:   dw 0
nmis:           dw 0
in_service:     db 0
last:           db 0
