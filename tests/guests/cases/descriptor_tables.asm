; SPDX-License-Identifier: GPL-2.0-only
;
; SGDT, SIDT, LGDT, LIDT in real mode: 16-bit operands take 24 bits of the base.
%define options "emulated=its emulator takes 32 bits of the base"
%include "case.inc"

    check 1                     ; the reset values
    sidt [scratch]
    must_be word [scratch], 0xffff
    must_be dword [scratch + 2], 0
    sgdt [scratch]
    must_be word [scratch], 0xffff

    check 2                     ; LGDT with each operand size
    lgdt [register]
    sgdt [scratch]
    must_be word [scratch], 0x1234
    must_be dword [scratch + 2], 0x00345678
    o32 lgdt [register]
    sgdt [scratch]
    must_be dword [scratch + 2], 0x12345678
    o32 sidt [scratch]
    must_be word [scratch], 0xffff

    check 3                     ; the limit of the IVT
    lidt [short_ivt]
    set_vector 0x40, handler
    must_fault general_protection, int 0x41
    int 0x40
    must_be al, 0x55

    check 4                     ; elsewhere
    mov ax, 0x2000
    mov es, ax
    mov word [es:0x40 * 4], other_handler
    mov word [es:0x40 * 4 + 2], 0
    lidt [moved_ivt]
    int 0x40
    lidt [usual_ivt]
    must_be al, 0x66

    check 5                     ; a register operand is undefined
    must_fault invalid_opcode, db 0x0f, 0x01, 0xf0 + 8  ; SWAPGS, here: no 64-bit mode

    jmp all_passed

handler:
    mov al, 0x55
    iret
other_handler:
    mov al, 0x66
    iret

align 4
scratch:    dd 0, 0
register:   dw 0x1234
            dd 0x12345678
short_ivt:  dw 0x40 * 4 + 3
            dd 0
moved_ivt:  dw 0x3ff
            dd 0x20000
usual_ivt:  dw 0x3ff
            dd 0
