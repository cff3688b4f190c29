; SPDX-License-Identifier: GPL-2.0-only
;
; A 32-bit call gate from CPL 3 to CPL 0 with two parameters, RETF n back, and gates that refuse.
%define options "emulated=its emulator has no IRET in protected mode"
%include "case.inc"
%include "modes.inc"

    real_to_protected32
    load_tss32
    set_idt32 0x30, done, interrupt_gate32 | dpl3
    set_gate gdt + test_1, code32, gate_handler, call_gate32 | dpl3
    mov byte [gdt + test_1 + 4], 2              ; two parameters
    set_gate gdt + test_2, code32, gate_handler, call_gate32
    set_gate gdt + test_3, code32, gate_handler, (call_gate32 | dpl3) & 0x7f
    mov [kernel_stack], esp
    go_user32 user

user:
    check 1
    push dword 0x1111
    push dword 0x2222
    call test_1:0               ; the offset is ignored
after_call:
    must_be eax, 0x3333
    must_be esp, user_stack
    must_be dword [seen_cs], user_code32
    must_be dword [seen_ip], after_call
    must_be dword [inner_cs], code32
    must_be dword [inner_stack], stack_cpl0 - 24

    check 2                     ; DPL 0, not present; a jump can't go to an inner level
    must_fault_code general_protection, test_2, call test_2:0
    must_fault_code not_present, test_3, call test_3:0
    must_fault_code general_protection, code32, jmp test_1:0

    int 0x30
    fail

gate_handler:
    mov [inner_stack], esp
    mov eax, [esp]
    mov [seen_ip], eax
    mov eax, [esp + 4]
    mov [seen_cs], eax
    mov eax, cs
    mov [inner_cs], eax
    mov eax, [esp + 8]
    add eax, [esp + 12]
    retf 8

done:
    mov ax, data32
    mov ds, ax
    mov esp, [kernel_stack]
    check 4                     ; from CPL 0 a gate stays on the same stack
    set_gate gdt + test_4, code32, same_level, call_gate32
    mov ebx, esp
    call test_4:0
    must_be eax, 0x77
    must_be esp, ebx

    check 5                     ; conforming code
    set_descriptor test_5, 0xfffff, 0, 0x9e, 0xc
    call test_5:same_level
    must_be eax, 0x77
    protected32_to_real
    jmp all_passed

same_level:
    mov eax, 0x77
    retf

align 4
kernel_stack:   dd 0
seen_cs:        dd 0
seen_ip:        dd 0
inner_cs:       dd 0
inner_stack:    dd 0
