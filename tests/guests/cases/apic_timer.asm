; SPDX-License-Identifier: GPL-2.0-only
;
; The APIC timer: one-shot, periodic, masked, stopped; the current count goes down; out of HLT.
%define options "apic=yes;needs=irqchip;emulated=its emulator has no exceptions in protected mode"
%include "case.inc"
%include "modes.inc"
%include "apic.inc"

    real_to_protected32
    write_apic apic_svr, svr_enabled
    write_apic apic_divide, divide_by_1
    set_idt32 0x40, handler, interrupt_gate32
    check 1                     ; one-shot
    write_apic apic_lvt_timer, 0x40
    write_apic apic_initial, 100000
    read_apic apic_current
    cmp eax, 100000
    must be
    sti
    wait_for_count count, 1
    cli
    must nc
    read_apic apic_current
    must_be eax, 0
    must_be word [count], 1

    check 2                     ; out of HLT
    write_apic apic_initial, 100000
    sti
    hlt
    cli
    must_be word [count], 2

    check 3                     ; periodic
    write_apic apic_lvt_timer, 0x40 | lvt_periodic
    write_apic apic_initial, 200000
    sti
    wait_for_count count, 5
    cli
    must nc
    write_apic apic_initial, 0  ; stops
    sti
    nop
    nop
    cli
    mov dx, [count]
    mov ecx, 300000
    sti
.none:
    dec ecx
    jnz .none
    cli
    must_be dx, [count]

    check 4                     ; masked
    write_apic apic_lvt_timer, 0x40 | lvt_masked
    write_apic apic_initial, 1000
    mov ecx, 300000
    sti
.masked:
    dec ecx
    jnz .masked
    cli
    must_be dx, [count]
    read_apic apic_current
    must_be eax, 0
    protected32_to_real
    jmp all_passed

bits 32
handler:
    push eax
    inc word [count]
    write_apic apic_eoi, 0
    pop eax
    iretd

bits 16
align 2
count:  dw 0
