; SPDX-License-Identifier: GPL-2.0-only
;
; SP wraps at 64 KiB; an access across the end is #SS, here seen by its handler on another stack.
%include "case.inc"

    mov ax, 0x2000
    check 1                     ; PUSH at SP = 0 goes to FFFEh
    mov ss, ax
    xor sp, sp
    push word 0x1234
    must_be sp, 0xfffe
    must_be word [ss:0xfffe], 0x1234
    pop bx
    must_be sp, 0
    must_be bx, 0x1234

    check 2                     ; 4 bytes at SP = 2 wrap too: at FFFEh they do not fit
    mov sp, 4
    push dword 0x55556666
    must_be sp, 0
    must_be word [ss:2], 0x5555
    pop eax
    must_be eax, 0x55556666

    check 3                     ; POP across the end
    mov sp, 0xfffe
    mov esi, 0
    must_fault stack_fault, pop dword [value]
    must_be sp, 0xfffe
    must_be dword [value], 0

    check 4                     ; BP has SS, and SP with an upper half is 16 bits all the same
    mov bp, 0xfffd
    must_fault stack_fault, mov eax, [bp]
    mov esp, 0x00010100
    push ax
    must_be esp, 0x000100fe

    xor ax, ax
    mov ss, ax
    mov esp, load_address
    jmp all_passed

align 4
value:  dd 0
