; SPDX-License-Identifier: GPL-2.0-only
;
; The owner reads and writes the registers between two instructions, system registers included.
%include "case.inc"

kvm_regs_at     equ 0x2000      ; rax rbx rcx rdx rsi rdi rsp rbp r8-r15 rip rflags
kvm_sregs_at    equ 0x2100      ; cs ds es fs gs ss tr ldt gdt idt cr0 cr2 cr3 cr4 cr8 efer ...
segment_size    equ 24

    check 1                     ; what the owner sees is what the guest has
    mov ebx, 0x11111111
    mov ecx, 0x22222222
    mov edx, 0x33333333
    mov esi, 0x44444444
    mov edi, 0x55555555
    mov ebp, 0x66666666
    stc
    must_order order_get_registers, kvm_regs_at
    must_be dword [kvm_regs_at + 8], 0x11111111
    must_be dword [kvm_regs_at + 16], 0x22222222
    must_be dword [kvm_regs_at + 24], 0x33333333
    must_be dword [kvm_regs_at + 32], 0x44444444
    must_be dword [kvm_regs_at + 40], 0x55555555
    must_be dword [kvm_regs_at + 48], load_address
    must_be dword [kvm_regs_at + 56], 0x66666666

    check 2                     ; what the owner writes is what the guest has
    mov dword [kvm_regs_at + 8], 0x99999999
    mov dword [kvm_regs_at + 128], resumed
    order order_set_registers, kvm_regs_at
    fail
resumed:
    must_be ebx, 0x99999999
    must_be esi, 0x44444444

    check 3                     ; segments and control registers
    mov ax, 0x1234
    mov gs, ax
    mov eax, 0xabcd000
    mov cr3, eax
    mov eax, 0x13579bdf
    mov cr2, eax
    lidt [table_register]
    must_order order_get_system, kvm_sregs_at
    lidt [usual_register]
    must_be dword [kvm_sregs_at + 4 * segment_size], 0x12340    ; GS: base, limit, selector, type
    must_be dword [kvm_sregs_at + 4 * segment_size + 8], 0xffff
    must_be word [kvm_sregs_at + 4 * segment_size + 12], 0x1234
    must_be dword [kvm_sregs_at + 8 * segment_size + 16], 0x9000    ; IDT
    must_be word [kvm_sregs_at + 8 * segment_size + 16 + 8], 0x3ff
    must_be dword [kvm_sregs_at + 8 * segment_size + 32 + 8], 0x13579bdf
    must_be dword [kvm_sregs_at + 8 * segment_size + 32 + 16], 0xabcd000

    check 4                     ; big real mode by the owner: a limit of 4 GiB for FS
    mov dword [kvm_sregs_at + 3 * segment_size + 8], -1
    mov byte [kvm_sregs_at + 3 * segment_size + 20], 1          ; G
    mov dword [kvm_sregs_at + 8 * segment_size + 16], 0
    must_order order_set_system, kvm_sregs_at
    mov ebx, 0x110000
    mov byte [fs:ebx], 0x5a
    must_be byte [fs:ebx], 0x5a
    must_fault general_protection, mov al, [gs:ebx]

    check 5                     ; a bad value is refused and changes nothing
    mov dword [kvm_sregs_at + 8 * segment_size + 32 + 24], 1 << 31  ; CR4
    mov dword [kvm_sregs_at + 8 * segment_size + 32 + 8], 0
    order order_set_system, kvm_sregs_at
    in eax, order_port
    test eax, eax
    must nz
    mov eax, cr2
    must_be eax, 0x13579bdf

    jmp all_passed

align 4
table_register: dw 0x3ff
                dd 0x9000
usual_register: dw 0x3ff
                dd 0
