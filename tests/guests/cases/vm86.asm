; SPDX-License-Identifier: GPL-2.0-only
;
; Virtual-8086 mode: INT n and IOPL-sensitive instructions fault to CPL 0, or with CR4.VME go to
; the IVT; segments are real mode's, and paging applies.
%define options "emulated=its emulator has no IRET in protected mode"
%include "case.inc"
%include "modes.inc"

vm_stack    equ 0x3000
vm_segment  equ 0x100           ; base 1000h

%macro go_vm86 2                ; flags, label
    push dword 0                ; GS
    push dword 0
    push dword 0                ; DS
    push dword 0                ; ES
    push dword 0                ; SS
    push dword vm_stack
    push dword flag_vm | 2 | (%1)
    push dword 0
    push dword %2
    iretd
%endmacro

    real_to_protected32
    load_tss32
    mov [kernel_stack], esp
    set_idt32 general_protection, monitor, interrupt_gate32
    set_idt32 0x60, through_gate, interrupt_gate32 | dpl3

    check 1                     ; IOPL 0: CLI, PUSHF and INT fault
    mov dword [on_fault], after_cli
    go_vm86 0, vm_cli
bits 16
vm_cli:
    cli
bits 32
after_cli:
    must_be dword [seen_ip], vm_cli
    test dword [seen_flags], flag_vm
    must nz
    must_be dword [fault_code], 0
    must_be dword [frame_size], 36 + 4
    mov dword [on_fault], after_pushf
    go_vm86 0, vm_pushf
bits 16
vm_pushf:
    nop
    pushf
bits 32
after_pushf:
    must_be dword [seen_ip], vm_pushf + 1
    mov dword [on_fault], after_int
    go_vm86 0, vm_int
bits 16
vm_int:
    int 0x60
bits 32
after_int:
    must_be dword [seen_ip], vm_int
    must_be dword [fault_code], 0

    check 2                     ; IOPL 3: INT goes through the gate; segments are pushed and nulled
    mov dword [on_gate], after_gate
    go_vm86 flag_iopl, vm_int_iopl
bits 16
vm_int_iopl:
    mov ax, vm_segment
    mov gs, ax
    mov bx, 0x20
    mov byte [gs:bx], 0x5b      ; 1020h
    int 0x60
vm_int_iopl_end:
bits 32
after_gate:
    must_be dword [seen_ip], vm_int_iopl_end
    must_be dword [seen_gs], vm_segment
    must_be byte [0x1020], 0x5b
    mov ax, gs
    must_be ax, 0
    mov byte [0x1020], 0

    check 3                     ; the limit is 64 KiB, whatever the segment was before
    mov dword [on_fault], after_limit
    go_vm86 flag_iopl, vm_limit
bits 16
vm_limit:
    mov ebx, 0x10000
.faulting:
    mov al, [ebx]
bits 32
after_limit:
    must_be dword [seen_ip], vm_limit.faulting

    check 4                     ; privileged instructions, and those that real mode has and VM86 not
    mov dword [on_fault], after_hlt
    go_vm86 flag_iopl, vm_hlt
bits 16
vm_hlt:
    hlt
bits 32
after_hlt:
    must_be dword [seen_ip], vm_hlt
    mov dword [on_fault], after_cr0
    go_vm86 flag_iopl, vm_cr0
bits 16
vm_cr0:
    mov eax, cr0
bits 32
after_cr0:
    must_be dword [seen_ip], vm_cr0

    check 5                     ; VME: INT by the redirection bitmap goes to the IVT, at IOPL 0 too
    mov eax, cr4_vme
    mov cr4, eax
    mov edi, tss32_address + 104        ; 32 bytes of redirection, then the I/O bitmap
    mov ecx, 8
    xor eax, eax
    cld
    rep stosd
    mov word [tss32_address + 102], 104 + 32
    set_descriptor tss32, 104 + 32 + 32, tss32_address, 0x89, 0
    mov ax, tss32
    ltr ax
    mov word [0x61 * 4], vm_handler
    mov word [0x61 * 4 + 2], 0
    mov dword [on_fault], after_redirection
    go_vm86 flag_interrupt, vm_redirected
bits 16
vm_redirected:
    int 0x61
    cli                         ; changes VIF alone
    hlt
vm_handler:
    mov byte [0x4001], 1
    iret
bits 32
after_redirection:
    must_be dword [seen_ip], vm_redirected + 3
    must_be byte [0x4001], 1
    test dword [seen_flags], 1 << 19    ; VIF
    must z
    test dword [seen_flags], flag_interrupt
    must nz

    check 6                     ; with paging
    xor eax, eax
    mov cr4, eax
    call build_page_tables
    map_page32 0x9000, 0x10a000, page_all
    paging32_on
    mov dword [0x10a004], 0
    mov dword [on_gate], after_paging
    go_vm86 flag_iopl, vm_paging
bits 16
vm_paging:
    mov ax, 0x900
    mov es, ax
    mov dword [es:4], 0x12345678
    int 0x60
bits 32
after_paging:
    paging_off
    must_be dword [0x10a004], 0x12345678
    protected32_to_real
    jmp all_passed

bits 32
; #GP from VM86: keeps what it pushed, and goes on at on_fault with the stack as before.
monitor:
    push eax
    mov ax, data32
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov eax, [esp + 4]
    mov [fault_code], eax
    mov eax, [esp + 8]
    mov [seen_ip], eax
    mov eax, [esp + 16]
    mov [seen_flags], eax
    mov eax, stack_cpl0
    sub eax, esp
    sub eax, 4                  ; EAX
    mov [frame_size], eax
    mov esp, [kernel_stack]
    jmp [on_fault]

through_gate:
    mov ax, data32
    mov ds, ax
    mov es, ax
    mov eax, [esp]
    mov [seen_ip], eax
    mov eax, [esp + 32]
    mov [seen_gs], eax
    mov esp, [kernel_stack]
    jmp [on_gate]

align 4
kernel_stack:   dd 0
on_fault:       dd 0
on_gate:        dd 0
seen_ip:        dd 0
seen_flags:     dd 0
seen_gs:        dd 0
frame_size:     dd 0
