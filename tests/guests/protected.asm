; SPDX-License-Identifier: GPL-2.0-only
;
; Real mode -> 32-bit protected mode with a GDT of its own -> real mode, three times; with
; with_interrupts defined also an IDT, and an interrupt there each time.
; Wants 2 MiB of memory. Exit status: 0, or the number of the check.
%include "guest.inc"

far_address     equ 0x100000
protection      equ 1           ; CR0.PE
code32          equ 0x08
data32          equ 0x10
code16          equ 0x18
data16          equ 0x20
rounds          equ 3

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, load_address

    mov si, real_text
    call print_debug
    mov cx, rounds
next_round:
    push cx
    call visit_protected_mode
    pop cx
    loop next_round

    check 1                     ; back in real mode
    mov eax, cr0
    test al, protection
    must z
    check 2                     ; every round has been there, and has had its interrupt
    cmp byte [visits], rounds
    must e
%ifdef with_interrupts
    cmp byte [interrupts], rounds
    must e
%endif
    check 3                     ; the IVT works again
    mov word [0x60 * 4], real_handler
    mov word [0x60 * 4 + 2], cs
    int 0x60
    cmp byte [real_interrupts], 1
    must e
    check 4                     ; the stack is where it was
    cmp sp, load_address
    must e
    mov si, real_text
    call print_debug
    jmp all_passed

visit_protected_mode:
    mov [real_stack], sp
    lgdt [gdt_register]
    lidt [idt_register]
    mov eax, cr0
    or al, protection
    mov cr0, eax
    jmp dword code32:protected_code

bits 32
protected_code:
    mov ax, data32
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, 0x9000
    inc byte [visits]
%ifdef with_interrupts
    int 0x30
%endif
    mov esi, protected_text
.print:
    lodsb
    test al, al
    jz .printed
    out debug_port, al
    jmp .print
.printed:
    mov dword [far_address], 0x600df00d
    cmp dword [far_address], 0x600df00d
    je .memory_good
    mov al, 5
    out exit_port, al
.memory_good:
    jmp code16:leave_protected

protected_handler:
    inc byte [interrupts]
    iretd

bits 16
leave_protected:                ; 16-bit segments first, so that real mode finds 64 KiB limits
    mov ax, data16
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov eax, cr0
    and al, ~protection
    mov cr0, eax
    jmp 0:.in_real
.in_real:
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, [real_stack]
    lidt [ivt_register]
    ret

real_handler:
    inc byte [cs:real_interrupts]
    iret

%include "checks.inc"
%include "print.inc"

real_text:          db "real mode", 10, 0
protected_text:     db "protected mode", 10, 0
visits:             db 0
interrupts:         db 0
real_interrupts:    db 0
align 8
real_stack:         dw 0
ivt_register:       dw 0x3ff
                    dd 0

align 8
gdt:        dq 0
            dq 0x00cf9a000000ffff       ; 08 code, 32-bit, 4 GiB
            dq 0x00cf92000000ffff       ; 10 data, 32-bit, 4 GiB
            dq 0x00009a000000ffff       ; 18 code, 16-bit, 64 KiB
            dq 0x000092000000ffff       ; 20 data, 16-bit, 64 KiB
gdt_end:
gdt_register:
            dw gdt_end - gdt - 1
            dd gdt

; Vector 30h alone: a 32-bit interrupt gate. Labels are below 64 KiB.
align 8
idt:        times 0x30 dq 0
            dw protected_handler, code32
            dw 0x8e00, 0
idt_end:
idt_register:
            dw idt_end - idt - 1
            dd idt
