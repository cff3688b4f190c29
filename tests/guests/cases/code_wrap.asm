; SPDX-License-Identifier: GPL-2.0-only
;
; Execution runs into the end of the code segment: #GP, IP behind the last byte.
%include "case.inc"

    check 1                     ; an instruction across the end
    mov ax, 0x1000
    mov es, ax
    mov byte [es:0xffff], 0xb8  ; MOV AX, imm16 with its operand beyond
    set_vector general_protection, handler
    jmp 0x1000:0xffff

handler:
    mov bp, sp
    mov ax, [bp]
    mov [ip], ax
    must_be word [ip], 0xffff
    must_be word [bp + 2], 0x1000
    add sp, 6

    check 2                     ; an instruction that ends there: the next one is beyond
    mov byte [es:0xffff], 0x90
    set_vector general_protection, second_handler
    jmp 0x1000:0xffff

second_handler:
    mov bp, sp
    mov ax, [bp]
    must_be word [bp + 2], 0x1000
    add sp, 6

    check 3                     ; a jump with a 32-bit offset beyond the limit faults itself
    call set_exception_vectors
    must_fault general_protection, jmp dword near far_away
    mov eax, 0x10000
    must_fault general_protection, jmp eax
    jmp all_passed

far_away equ 0x20000
align 2
ip:     dw 0
