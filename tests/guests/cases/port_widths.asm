; SPDX-License-Identifier: GPL-2.0-only
;
; IN and OUT of each size, with the port in the instruction and in DX; the upper half of EAX.
%include "case.inc"

    check 1
    mov eax, 0x12345678
    out 0x70, al
    out 0x70, ax
    out 0x70, eax
    mov dx, 0x1234
    out dx, al
    out dx, ax
    out dx, eax
    must_be eax, 0x12345678

    check 2                     ; E9h answers 000000E9h
    in al, debug_port
    must_be eax, 0x123456e9
    in ax, debug_port
    must_be eax, 0x123400e9
    mov dx, debug_port
    in eax, dx
    must_be eax, 0x000000e9

    check 3                     ; other ports answer what the owner says, one after the other
    mov dx, 0x1234
    in al, dx
    must_be al, 0x01
    in ax, dx
    must_be ax, 0x0605
    in eax, dx
    must_be eax, 0x0c0b0a09

    check 4                     ; flags are left alone
    stc
    in al, dx
    must c
    out dx, al
    must c

    jmp all_passed
