; SPDX-License-Identifier: GPL-2.0-only
;
; Compatibility mode under long mode: 32- and 16-bit code segments, far jumps between them,
; faults.
%include "case.inc"
%include "modes.inc"

    real_to_long
    check 1
    mov rbx, 0x1122334455667788
    mov rsi, rsp
    jmp far dword [to_32]
bits 32
in_32:
    check 2
    mov eax, 0xffffffff
    inc eax                     ; 40h is INC here, and REX there
    must z
    must_be ebx, 0x55667788
    mov ax, cs
    must_be ax, code32
    load_flat_segments data32
    must_fault_code general_protection, data32, jmp data32:0
    must_fault invalid_opcode, ud2
    must_be word [fault_cs], code32
    call code16:in_16
    must_be ecx, 0x1616
    must_be byte [sixteen], 1
    jmp code64:back_in_64
bits 64
back_in_64:
    check 3
    mov rax, 0x1122334455667788
    must_be ebx, eax
    must_be rsp, rsi
    mov eax, cs
    must_be eax, code64

    check 4                     ; out of long mode only from compatibility mode
    mov rax, cr0
    and eax, ~cr0_pg
    must_fault_code general_protection, 0, mov cr0, rax
    mov rax, cr4
    and eax, ~cr4_pae
    must_fault_code general_protection, 0, mov cr4, rax
    mov ecx, msr_efer
    rdmsr
    test eax, efer_lma
    must nz
    and eax, ~efer_lme
    must_fault_code general_protection, 0, wrmsr
    long_to_real

    check 5                     ; LMA goes with paging
    mov ecx, msr_efer
    rdmsr
    test eax, efer_lma | efer_lme
    must z

    jmp all_passed

bits 16
in_16:
    mov ecx, 0x1616
    mov byte [sixteen], 1
    o32 retf

align 4
to_32:      dd in_32
            dw code32
sixteen:    db 0
