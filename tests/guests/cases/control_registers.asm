; SPDX-License-Identifier: GPL-2.0-only
;
; CR0, CR2, CR3, CR4 and CR8's absence outside 64-bit mode; LMSW, SMSW, CLTS; combinations that
; fault.
%include "case.inc"

    check 1                     ; CR2 and CR3 keep what is written, in real mode too
    mov eax, 0x12345678
    mov cr2, eax
    mov eax, 0x00123000
    mov cr3, eax
    mov eax, cr2
    must_be eax, 0x12345678
    mov eax, cr3
    must_be eax, 0x00123000

    check 2                     ; undefined control registers
    must_fault invalid_opcode, db 0x0f, 0x20, 0xc8      ; CR1
    must_fault invalid_opcode, db 0x0f, 0x22, 0xe8      ; CR5
    must_fault invalid_opcode, db 0x0f, 0x22, 0xf8      ; CR7

    check 3                     ; CR0: what is kept, what faults
    mov eax, cr0_et | cr0_ne | cr0_wp | cr0_am | cr0_mp
    mov cr0, eax
    mov ebx, cr0
    must_be ebx, eax
    mov eax, cr0_pg
    must_fault general_protection, mov cr0, eax
    mov eax, cr0_nw
    must_fault general_protection, mov cr0, eax
    mov eax, cr0_cd | cr0_nw
    mov cr0, eax
    mov ebx, cr0
    must_be ebx, cr0_cd | cr0_nw | cr0_et
    mov eax, cr0_et
    mov cr0, eax

    check 4                     ; SMSW: 16 bits to memory, whatever the size
    mov dword [scratch], -1
    o32 smsw [scratch]
    must_be dword [scratch], 0xffff0010
    mov eax, cr0_et | cr0_am
    mov cr0, eax
    smsw ebx
    must_be ebx, cr0_et | cr0_am

    check 5                     ; LMSW: four bits, from memory too; CLTS
    mov word [scratch], 0xfffe
    lmsw [scratch]
    mov eax, cr0
    must_be eax, cr0_et | cr0_am | cr0_mp | cr0_em | cr0_ts
    clts
    mov ax, 0
    lmsw ax
    mov eax, cr0
    must_be eax, cr0_et | cr0_am

    check 6                     ; LMSW sets PE and does not clear it
    lgdt [gdt_register]
    mov ax, 1
    lmsw ax
    mov ax, 0
    lmsw ax
    smsw bx
    mov eax, cr0
    and eax, ~cr0_pe
    mov cr0, eax
    jmp 0:.real
.real:
    test bl, cr0_pe
    must nz

    check 7                     ; CR4: bits that are kept, and one that no CPU has
    mov eax, cr4_vme | cr4_tsd | cr4_de | cr4_pse | cr4_pge
    mov cr4, eax
    mov ebx, cr4
    must_be ebx, eax
    mov eax, 1 << 31
    must_fault general_protection, mov cr4, eax
    mov ecx, cr4
    must_be ecx, ebx
    xor eax, eax
    mov cr4, eax

    jmp all_passed

align 8
scratch:    dd 0
gdt:        dq 0, 0
gdt_register: dw 15
            dd gdt
