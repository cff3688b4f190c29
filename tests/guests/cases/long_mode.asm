; SPDX-License-Identifier: GPL-2.0-only
;
; 64-bit mode: registers, RIP-relative addresses, canonical addresses, CR8, 64-bit exceptions with
; IST.
%define options "emulated=its emulator gives up where an opcode is undefined in 64-bit mode"
%include "case.inc"
%include "modes.inc"

    real_to_long
    load_tss64
    check 1                     ; arithmetic with all registers
    mov rax, 0x123456789abcdef0
    mov r8, rax
    mov r15, 0x1111111111111111
    add r8, r15
    mov rbx, 0x23456789abcdf001
    must_be r8, rbx
    mov r9d, eax                ; clears the upper half
    shr r9, 31
    must_be r9, 1
    movsxd r10, eax
    cmp r10, 0
    must l
    mul r15
    xchg r8, r11
    push r11
    pop r12
    must_be r12, rbx

    check 2                     ; addresses
    mov eax, [rel value]
    must_be eax, 0x600df00d
    lea rcx, [rel value]
    must_be rcx, value
    mov r13d, 4
    must_be dword [rcx + r13], 0x600df00e

    check 3                     ; not canonical: #GP, and #SS with RSP or RBP
    mov rdi, 0x0000800000000000
    must_fault_code general_protection, 0, mov eax, [rdi]
    mov rbp, rdi
    must_fault_code stack_fault, 0, mov eax, [rbp]
    must_fault_code general_protection, 0, jmp rdi

    check 4                     ; opcodes that 64-bit mode has not
    must_fault invalid_opcode, db 0x37  ; AAA
    must_fault invalid_opcode, db 0x06  ; PUSH ES
    must_fault invalid_opcode, db 0x9a, 0, 0, 0, 0, 0, 0
    must_fault divide_error, div dword [rel zero]

    check 5                     ; #PF
    must_fault_code page_fault, 0, mov eax, [dword 0x40000000]
    mov rax, cr2
    must_be rax, 0x40000000

    check 6                     ; IST: the stack is another one, 16-byte aligned
    mov byte [idt64_address + invalid_opcode * 16 + 4], 1
    must_fault invalid_opcode, ud2
    must_be qword [stack_ist - 8], data32       ; SS is on top of it
    must_be [stack_ist - 16], rsp
    mov byte [idt64_address + invalid_opcode * 16 + 4], 0
    mov rbx, rsp
    set_idt64 0x30, interrupted
    sub rsp, 8
    int 0x30
    add rsp, 8
    must_be rsp, rbx

    check 7                     ; CR8
    xor eax, eax
    mov cr8, rax
    mov eax, 15
    mov cr8, rax
    xor eax, eax
    mov rax, cr8
    must_be eax, 15
    mov eax, 16
    must_fault_code general_protection, 0, mov cr8, rax
    xor eax, eax
    mov cr8, rax

    check 8                     ; FS and GS bases
    mov ecx, 0xc0000101
    mov eax, value
    xor edx, edx
    wrmsr
    must_be dword [gs:dword 0], 0x600df00d
    long_to_real

    jmp all_passed

bits 64
interrupted:
    mov rax, [rsp + 24]         ; RSP before
    add rax, 8
    must_be rax, rbx
    test rsp, 15                ; 5 quadwords below a multiple of 16
    must nz
    iretq

bits 16
align 8
value:  dd 0x600df00d, 0x600df00e
zero:   dd 0
