; SPDX-License-Identifier: GPL-2.0-only
;
; Segments of 32-bit protected mode: limits up and down, read-only, execute-only, not present,
; null.
%define options "emulated=its emulator has no IRET in protected mode"
%include "case.inc"
%include "modes.inc"

    real_to_protected32
    check 1                     ; a limit of 100h bytes
    set_descriptor test_1, 0xff, 0x10000, 0x92, 4
    mov ax, test_1
    mov es, ax
    mov eax, [es:0xfc]
    mov dword [es:0xfc], 0x12345678
    must_be dword [0x100fc], 0x12345678
    must_fault_code general_protection, 0, mov eax, [es:0xfd]
    must_fault_code general_protection, 0, mov byte [es:0x100], 1

    check 2                     ; expand-down: above the limit only
    set_descriptor test_2, 0xfff, 0x10000, 0x96, 4
    mov ax, test_2
    mov fs, ax
    mov al, [fs:0x1000]
    must_fault_code general_protection, 0, mov al, [fs:0xfff]
    set_descriptor test_2, 0xfff, 0x10000, 0x96, 0
    mov fs, ax                  ; 16-bit: the upper bound is FFFFh
    mov ax, test_2
    mov fs, ax
    mov al, [fs:0xffff]
    must_fault_code general_protection, 0, mov al, [fs:0x10000]

    check 3                     ; units of 4 KiB
    set_descriptor test_1, 1, 0, 0x92, 0xc
    mov ax, test_1
    mov es, ax
    mov al, [es:0x1fff]
    must_fault_code general_protection, 0, mov al, [es:0x2000]

    check 4                     ; read-only, execute-only
    set_descriptor test_1, 0xffff, 0, 0x90, 4
    mov es, ax
    mov ax, test_1
    mov es, ax
    mov al, [es:0]
    must_fault_code general_protection, 0, mov [es:0], al
    set_descriptor test_1, 0xffff, 0, 0x98, 4
    mov ax, test_1
    must_fault_code general_protection, test_1, mov es, ax
    must_fault_code general_protection, 0, mov [cs:0x10000], al

    check 5                     ; not present, null, outside the table, a system segment
    set_descriptor test_1, 0xffff, 0, 0x12, 4
    mov ax, test_1
    must_fault_code not_present, test_1, mov es, ax
    must_fault_code stack_fault, test_1, mov ss, ax
    xor ax, ax
    mov es, ax
    must_fault_code general_protection, 0, mov al, [es:0]
    must_fault_code general_protection, 0, mov ss, ax
    mov ax, gdt_limit + 1
    must_fault_code general_protection, gdt_limit + 1, mov gs, ax
    mov ax, tss32
    must_fault_code general_protection, tss32, mov gs, ax

    check 6                     ; #SS by the limit of the stack
    set_descriptor test_3, 0xfff, 0, 0x92, 4
    mov ebx, esp
    mov ax, test_3
    mov ss, ax
    mov ebp, 0x1000
    mov esp, 0x0f00
    must_fault_code stack_fault, 0, mov eax, [ebp]
    mov ax, data32
    mov ss, ax
    mov esp, ebx

    check 7                     ; the accessed bit is set by a load
    set_descriptor test_4, 0xffff, 0, 0x92, 4
    must_be byte [gdt + test_4 + 5], 0x92
    mov ax, test_4
    mov gs, ax
    must_be byte [gdt + test_4 + 5], 0x93
    protected32_to_real

    jmp all_passed
