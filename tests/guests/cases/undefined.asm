; SPDX-License-Identifier: GPL-2.0-only
;
; Instructions that real mode has not or no CPU has: #UD; one that is longer than 15 bytes: #GP.
%define options "emulated=its emulator gives up on some of them"
%include "case.inc"

    check 1
    must_fault invalid_opcode, ud2
    must_fault invalid_opcode, db 0x0f, 0xff, 0xc0
    must_fault invalid_opcode, db 0x0f, 0x0f, 0xc0, 0x9e        ; 3DNow!
    must_fault invalid_opcode, db 0x63, 0xc0                    ; ARPL
    must_fault invalid_opcode, db 0x0f, 0xaa                    ; RSM outside SMM
    must_fault invalid_opcode, db 0xff, 0xf8                    ; group 5, /7
    must_fault invalid_opcode, db 0xfe, 0xd0                    ; group 4, /2
    must_fault invalid_opcode, db 0x8d, 0xc0                    ; LEA with a register
    must_fault invalid_opcode, db 0x62, 0xc0                    ; BOUND with a register
    must_fault invalid_opcode, db 0xc6, 0xc8, 0                 ; group 11, /1
    must_fault invalid_opcode, db 0x0f, 0x01, 0xc4              ; VMXOFF
    must_fault invalid_opcode, db 0x0f, 0x78, 0xc0              ; VMREAD
    must_fault invalid_opcode, db 0x0f, 0xc7, 0x36, 0, 0        ; VMPTRLD
    must_fault invalid_opcode, db 0x0f, 0xb8, 0xc0              ; JMPE

    check 2                     ; 15 bytes are allowed, 16 are not
    times 14 ds
    nop
    must_fault general_protection, db 0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x3e, \
        0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x90

    check 3                     ; LOCK where there is no memory operand to write
    must_fault invalid_opcode, db 0xf0, 0x90
    must_fault invalid_opcode, db 0xf0, 0x3b, 0x07              ; LOCK CMP
    lock inc word [scratch]
    must_be word [scratch], 1

    jmp all_passed

align 2
scratch:    dw 0
