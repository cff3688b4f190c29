; SPDX-License-Identifier: GPL-2.0-only
;
; Exceptions through the IVT: the saved IP is the instruction of a fault, the next one of a trap.
%include "case.inc"

    check 1                     ; #DE by zero and by a quotient that is too big
    mov ax, 1000
    mov bl, 0
    must_fault divide_error, div bl
    must_be ax, 1000
    mov bl, 2
    must_fault divide_error, div bl
    mov ax, 0x8000
    mov dx, 0xffff
    mov bx, -1
    must_fault divide_error, idiv bx

    check 2                     ; #UD
    must_fault invalid_opcode, ud2
    must_be word [fault_cs], 0

    check 3                     ; INT3 and INTO are traps
    must_trap breakpoint, int3
    mov al, 127
    add al, 1
    must_trap overflow, into

    check 4                     ; #GP by the limit of a segment, #SS by that of the stack
    mov bx, 0xffff
    must_fault general_protection, mov ax, [bx]
    mov bp, 0xffff
    must_fault stack_fault, mov ax, [bp]

    check 5                     ; the stack is where it was
    must_be sp, load_address
    must_be word [fault_count], 8

    jmp all_passed
