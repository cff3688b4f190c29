; SPDX-License-Identifier: GPL-2.0-only
;
; CPL 3: privileged instructions, I/O by IOPL and by the bitmap of the TSS, INT through gates.
%define options "emulated=its emulator has no IRET in protected mode"
%include "case.inc"
%include "modes.inc"

    real_to_protected32
    load_tss32
    set_idt32 0x30, back_in_ring0, interrupt_gate32 | dpl3
    set_idt32 0x31, back_in_ring0, interrupt_gate32
    mov [kernel_stack], esp
    go_user32 user

user:
    check 1                     ; privileged
    must_fault_code general_protection, 0, hlt
    must_fault_code general_protection, 0, mov eax, cr0
    must_fault_code general_protection, 0, mov cr3, eax
    must_fault_code general_protection, 0, clts
    must_fault_code general_protection, 0, lgdt [gdt_register]
    must_fault_code general_protection, 0, lidt [gdt_register]
    must_fault_code general_protection, 0, rdmsr
    must_fault_code general_protection, 0, wrmsr
    must_fault_code general_protection, 0, mov eax, dr7
    must_fault_code general_protection, 0, invd
    must_fault_code general_protection, 0, wbinvd
    must_fault_code general_protection, 0, invlpg [0]
    must_fault_code general_protection, 0, ltr ax
    must_fault_code general_protection, 0, lmsw ax

    check 2                     ; what CPL 3 may
    smsw ax
    sgdt [scratch]
    must_be dword [scratch + 2], gdt
    str ax
    must_be ax, tss32
    mov ax, cs
    and ax, 3
    must_be ax, 3

    check 3                     ; segments of CPL 0
    mov ax, data32
    must_fault_code general_protection, data32, mov es, ax
    mov ax, user_data32 & ~3
    mov es, ax                  ; RPL 0, but DPL 3
    must_fault_code general_protection, user_data32 & ~3, mov ss, ax

    check 4                     ; INT by the gate's DPL
    must_fault_code general_protection, 0x31 * 8 + 2, int 0x31
    must_trap breakpoint, int3
    int 0x30
    fail

back_in_ring0:
    mov ax, data32
    mov ds, ax
    mov es, ax
    check 5                     ; the frame, on the stack of the TSS
    must_be esp, stack_cpl0 - 20
    mov eax, cs
    must_be eax, code32
    must_be dword [esp + 4], user_code32
    must_be dword [esp + 12], user_stack
    must_be dword [esp + 16], user_data32

    check 6                     ; IOPL 0: only the ports that the bitmap frees
    mov word [tss32_address + 102], 104
    set_descriptor tss32, 104 + 32, tss32_address, 0x89, 0
    mov edi, tss32_address + 104
    mov ecx, 33
    mov al, 0xff
    cld
    rep stosb
    and byte [tss32_address + 104 + 0x80 / 8], ~1       ; 80h
    and byte [tss32_address + 104 + 0xf4 / 8], ~0x10    ; F4h
    mov ax, tss32
    ltr ax
    set_idt32 0x30, done, interrupt_gate32 | dpl3
    push dword user_data32
    push dword user_stack
    push dword 2
    push dword user_code32
    push dword user_without_iopl
    mov ax, user_data32
    mov ds, ax
    iretd

user_without_iopl:
    check 7
    must_fault_code general_protection, 0, out 0x81, al
    must_fault_code general_protection, 0, in ax, 0x80  ; 81h too
    must_fault_code general_protection, 0, cli
    must_fault_code general_protection, 0, sti
    mov dx, 0x200               ; beyond the bitmap
    must_fault_code general_protection, 0, in al, dx
    in al, 0x80
    pushfd
    popfd                       ; IOPL and IF stay, without a fault
    int 0x30
    fail

done:
    mov ax, data32
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov esp, [kernel_stack]
    protected32_to_real
    jmp all_passed

align 4
kernel_stack:   dd 0
scratch:        dd 0, 0
