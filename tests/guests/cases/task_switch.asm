; SPDX-License-Identifier: GPL-2.0-only
;
; Task switches by JMP and CALL to a TSS, IRET back with NT, and INT through a task gate.
%define options "emulated=its emulator has no CALL to a TSS;rmvisor=a task switch needs the guest's memory, which root does not touch"
%include "case.inc"
%include "modes.inc"

    real_to_protected32
    load_tss32
    mov eax, cr3
    mov [tss32_address + 28], eax
    mov dword [tss32_address + 96], 0

    mov edi, other_tss          ; the other task
    mov ecx, 26
    xor eax, eax
    cld
    rep stosd
    mov dword [other_tss + 32], other
    mov dword [other_tss + 36], 2
    mov dword [other_tss + 56], 0x5800
    mov dword [other_tss + 40], 0x12345678      ; EAX
    mov dword [other_tss + 72], data32          ; ES
    mov dword [other_tss + 76], code32
    mov dword [other_tss + 80], data32
    mov dword [other_tss + 84], data32
    mov dword [other_tss + 88], data32
    mov dword [other_tss + 92], data32
    mov dword [other_tss + 100], 104 << 16

    check 1                     ; CALL and IRET
    mov ebx, 0x55
    call other_task:0
    must_be ebx, 0x55
    must_be byte [visits], 1
    must_be dword [seen_eax], 0x12345678
    str ax
    must_be ax, tss32
    mov eax, cr0
    test al, cr0_ts
    must nz
    clts
    must_be byte [gdt + other_task + 5], 0x89

    check 2                     ; a task gate in the IDT
    set_gate idt32_address + 0x30 * 8, other_task, 0, task_gate
    int 0x30
    must_be byte [visits], 2

    check 3                     ; JMP there and back
    mov dword [jumped], 1
    jmp other_task:0
    must_be byte [visits], 3
    must_be word [other_tss], tss32     ; the link of the INT before
    protected32_to_real
    jmp all_passed

bits 32
other:
    mov [seen_eax], eax
    inc byte [visits]
    cmp dword [jumped], 0
    jne .jump_back
    iretd
    jmp other
.jump_back:
    jmp tss32:0

bits 16
align 4
seen_eax:   dd 0
jumped:     dd 0
visits:     db 0
