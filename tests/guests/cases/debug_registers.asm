; SPDX-License-Identifier: GPL-2.0-only
;
; DR0 to DR7: what is kept, DR4 and DR5 with and without CR4.DE, and DR7.GD.
%include "case.inc"

    check 1                     ; the reset values
    mov eax, dr6
    must_be eax, 0xffff0ff0
    mov eax, dr7
    must_be eax, 0x400

    check 2                     ; addresses
    mov eax, 0x11111111
    mov dr0, eax
    mov eax, 0x22222222
    mov dr1, eax
    mov eax, 0x33333333
    mov dr2, eax
    mov eax, 0x44444444
    mov dr3, eax
    mov eax, dr1
    must_be eax, 0x22222222
    mov eax, dr3
    must_be eax, 0x44444444

    check 3                     ; fixed bits
    xor eax, eax
    mov dr6, eax
    mov dr7, eax
    mov eax, dr6
    must_be eax, 0xffff0ff0
    mov eax, dr7
    must_be eax, 0x400

    check 4                     ; DR4 and DR5 are DR6 and DR7, or undefined
    mov eax, 0x600
    db 0x0f, 0x23, 0xe8         ; MOV DR5, EAX
    mov eax, dr7
    db 0x0f, 0x21, 0xe3         ; MOV EBX, DR4
    must_be ebx, 0xffff0ff0
    mov eax, cr4_de
    mov cr4, eax
    must_fault invalid_opcode, db 0x0f, 0x21, 0xe3
    must_fault invalid_opcode, db 0x0f, 0x23, 0xe8
    xor eax, eax
    mov cr4, eax

    check 5                     ; general detect: an access to them is #DB, before it is done
    mov eax, 0x2400
    mov dr7, eax
    must_fault debug_exception, mov eax, dr0
    mov eax, dr6                ; GD has been cleared
    test eax, 1 << 13
    must nz
    mov eax, dr7
    test eax, 1 << 13
    must z
    mov eax, 0xffff0ff0
    mov dr6, eax
    mov eax, 0x400
    mov dr7, eax

    jmp all_passed
