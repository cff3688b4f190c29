; SPDX-License-Identifier: GPL-2.0-only
;
; INS and OUTS: each size, REP with counts of 0 and more, both directions, the registers
; afterwards.
%include "case.inc"

    check 1                     ; REP OUTSB of a text to a port
    mov si, text
    mov dx, 0x300
    mov cx, text_end - text
    rep outsb
    must_be si, text_end
    must_be cx, 0

    check 2                     ; one, without REP
    mov si, text
    outsw
    must_be si, text + 2
    outsd
    must_be si, text + 6

    check 3                     ; REP INSB: E9h answers E9h
    mov dx, debug_port
    mov di, buffer
    mov cx, 5
    rep insb
    must_be di, buffer + 5
    must_be dword [buffer + 1], 0xe9e9e9e9
    must_be byte [buffer + 5], 0
    insd
    must_be di, buffer + 9
    must_be dword [buffer + 5], 0x000000e9

    check 4                     ; a count of 0
    xor cx, cx
    rep outsb
    rep insw
    must_be di, buffer + 9

    check 5                     ; backwards
    std
    mov si, text + 3
    mov dx, 0x301
    mov cx, 4
    rep outsb
    must_be si, text - 1
    mov dx, debug_port
    mov di, buffer + 20
    mov cx, 2
    rep insw
    cld
    must_be di, buffer + 16
    must_be word [buffer + 18], 0x00e9

    check 6                     ; with a segment prefix, and 32-bit registers
    mov ax, 0x2000
    mov fs, ax
    mov dword [fs:0x10], 0x44434241
    mov si, 0x10
    mov cx, 2
    mov dx, 0x302
    fs rep outsw
    mov edi, buffer + 24
    mov ecx, 3
    mov dx, debug_port
    a32 rep insb
    must_be ecx, 0
    must_be edi, buffer + 27

    check 7                     ; beyond the limit (INS: if the port is read is open)
    mov si, 0xffff
    must_fault general_protection, outsw

    check 8                     ; more than a page
    mov si, 0
    mov cx, 5000
    mov dx, 0x303
    rep outsb
    must_be si, 5000

    jmp all_passed

text:       db "string I/O"
text_end:
align 4
buffer:     times 32 db 0
