; SPDX-License-Identifier: GPL-2.0-only
;
; A guest that sends INIT to itself is reset once: it starts again at the reset vector, with
; memory as it was and registers as after INIT.
%define options "start=reset;apic=yes;needs=irqchip;emulated=its emulator has no exceptions in protected mode"
%include "case.inc"
%include "modes.inc"
%include "apic.inc"

    inc word [starts]
    cmp word [starts], 2
    je again
    check 1
    mov eax, 0x12345678
    mov cr2, eax
    real_to_protected32
    send_init_to_self
    fail

bits 16
again:
    check 2
    mov eax, cr0
    and eax, ~(cr0_cd | cr0_nw)
    must_be eax, cr0_et
    mov eax, cr2
    must_be eax, 0
    mov eax, cr4
    must_be eax, 0
    sidt [table]
    must_be word [table], 0xffff
    check 3                     ; the APIC too
    real_to_protected32
    read_apic apic_svr
    must_be eax, 0xff
    protected32_to_real

    jmp all_passed

align 4
starts:     dw 0
table:      dw 0, 0, 0
