; SPDX-License-Identifier: GPL-2.0-only
;
; KVM_INTERRUPT in 32-bit protected mode, at CPL 3, and in long mode.
%define options "needs=interrupts;emulated=its emulator has no IRET in protected mode"
%include "case.inc"
%include "modes.inc"

    real_to_protected32
    load_tss32
    set_idt32 0x21, handler32, interrupt_gate32
    set_idt32 0x22, from_user, interrupt_gate32
    check 1
    sti
    order order_interrupt, 0x21
    nop
    cli
    must_be dword [count], 1

    check 2                     ; CPL 3: over the TSS's stack
    mov [kernel_stack], esp
    go_user32 user
user:
    sti
    order order_interrupt, 0x22
    nop
    fail
from_user:
    mov ax, data32
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    must_be dword [esp + 4], user_code32
    must_be esp, stack_cpl0 - 20
    mov esp, [kernel_stack]

    check 3                     ; with paging on
    call build_page_tables
    paging32_on
    sti
    order order_interrupt, 0x21
    nop
    cli
    must_be dword [count], 2
    paging_off

    check 4                     ; long mode
    protected32_to_long
    set_idt64 0x21, handler64
    sti
    order order_interrupt, 0x21
    nop
    cli
    must_be dword [count], 3
    long_to_real
    jmp all_passed

bits 32
handler32:
    inc dword [count]
    iretd
bits 64
handler64:
    inc dword [count]
    iretq
bits 16
align 4
count:          dd 0
kernel_stack:   dd 0
