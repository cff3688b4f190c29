; SPDX-License-Identifier: GPL-2.0-only
;
; Loads of segment registers by LES, LDS, LSS, LFS, LGS and MOV; the base is 16 times the
; selector, and addresses above 1 MiB do not wrap.
%define options "emulated=its emulator takes LDS with a register"
%include "case.inc"

    check 1
    les di, [pointer]
    must_be di, 0x1234
    mov ax, es
    must_be ax, 0x2001
    mov byte [es:di], 0x77
    lfs si, [pointer]
    must_be byte [fs:si], 0x77
    lgs ebx, [long_pointer]
    must_be ebx, 0x00001244
    must_be byte [gs:bx], 0x77
    lds si, [pointer]
    must_be byte [si], 0x77
    xor ax, ax
    mov ds, ax

    check 2                     ; LSS loads both at once
    lss sp, [stack_pointer]
    must_be sp, 0x100
    push word 0x4321
    must_be word [ss:0xfe], 0x4321
    push ds
    pop ss
    mov sp, load_address

    check 3                     ; FFFF:0010h is 1 MiB, not 0
    mov ax, 0xffff
    mov es, ax
    mov byte [es:0x10], 0x5a
    mov byte [0], 0xa5
    must_be byte [es:0x10], 0x5a
    mov byte [es:0xffff], 0x3c
    must_be byte [es:0xffff], 0x3c

    check 4                     ; MOV to CS is undefined, and so is a seventh segment register
    must_fault invalid_opcode, db 0x8e, 0xc8
    must_fault invalid_opcode, db 0x8e, 0xf0
    must_fault invalid_opcode, db 0xc5, 0xc0    ; LDS with a register

    jmp all_passed

align 4
pointer:        dw 0x1234, 0x2001
long_pointer:   dd 0x1244
                dw 0x2000
stack_pointer:  dw 0x100, 0x3000
