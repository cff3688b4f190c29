; SPDX-License-Identifier: GPL-2.0-only
;
; LLDT, SLDT, selectors of the LDT, LAR, LSL, VERR, VERW, ARPL, STR, LTR.
%define options "emulated=its emulator has no VERR"
%include "case.inc"
%include "modes.inc"

ldt_address equ 0x3000

    must_fault invalid_opcode, sldt ax          ; none of it in real mode
    must_fault invalid_opcode, str ax
    must_fault invalid_opcode, lldt ax
    must_fault invalid_opcode, ltr ax
    must_fault invalid_opcode, verr ax
    must_fault invalid_opcode, lar ax, bx
    must_fault invalid_opcode, lsl ax, bx

    real_to_protected32
    check 1                     ; an LDT with one data segment
    mov dword [ldt_address], 0
    mov dword [ldt_address + 4], 0
    mov dword [ldt_address + 8], 0x8000000f     ; base 18000h, limit 0Fh
    mov dword [ldt_address + 12], 0x00409201
    set_descriptor ldt_selector, 0xf, ldt_address, 0x82, 0
    mov ax, ldt_selector
    lldt ax
    sldt bx
    must_be bx, ldt_selector
    mov ax, 8 | 4
    mov es, ax
    mov byte [es:0xf], 0x42
    must_be byte [0x1800f], 0x42
    must_fault_code general_protection, 0, mov al, [es:0x10]
    mov ax, 0x10 | 4            ; beyond its limit
    must_fault_code general_protection, 0x14, mov es, ax

    check 2                     ; LAR and LSL
    mov eax, 8 | 4
    lar ebx, eax
    must z
    must_be ebx, 0x00409300     ; accessed by now
    lsl ecx, eax
    must z
    must_be ecx, 0xf
    mov eax, data32
    lsl ecx, eax
    must_be ecx, 0xffffffff
    mov eax, 0x14
    lar ebx, eax
    must nz

    check 3                     ; VERR, VERW
    mov ax, code32
    verr ax
    must z
    verw ax
    must nz
    mov ax, data32
    verw ax
    must z
    mov ax, tss32
    verr ax
    must nz

    check 4                     ; ARPL
    mov ax, 0x10
    mov bx, 3
    arpl ax, bx
    must z
    must_be ax, 0x13
    mov bx, 1
    arpl ax, bx
    must nz

    check 5                     ; STR, LTR: a TSS gets busy, and is not loaded twice
    load_tss32
    str ax
    must_be ax, tss32
    must_be byte [gdt + tss32 + 5], 0x8b
    must_fault_code general_protection, tss32, ltr ax
    mov ax, data32
    must_fault_code general_protection, data32, ltr ax
    mov byte [gdt + other_task + 5], 0x09
    mov ax, other_task
    must_fault_code not_present, other_task, ltr ax

    check 6                     ; a null LDT is allowed, and has no segments
    xor ax, ax
    lldt ax
    mov ax, 8 | 4
    must_fault_code general_protection, 0xc, mov es, ax
    mov ax, data32
    must_fault_code general_protection, data32, lldt ax
    protected32_to_real

    jmp all_passed
