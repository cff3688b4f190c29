; SPDX-License-Identifier: GPL-2.0-only
;
; MOVS, STOS, LODS, SCAS, CMPS: both directions, each size, counts of 0, overlap.
%include "case.inc"

    check 1                     ; forwards
    mov si, source
    mov di, target
    mov cx, 8
    rep movsw
    must_be si, source + 16
    must_be di, target + 16
    must_be cx, 0
    must_be dword [target + 12], 0x100f0e0d

    check 2                     ; backwards
    std
    mov si, source + 15
    mov di, target + 31
    mov cx, 16
    rep movsb
    cld
    must_be si, source - 1
    must_be di, target + 15
    must_be dword [target + 16], 0x04030201

    check 3                     ; overlap: byte by byte
    mov si, target
    mov di, target + 1
    mov cx, 31
    rep movsb
    must_be dword [target + 28], 0x01010101

    check 4                     ; a count of 0 does nothing, flags included
    xor cx, cx
    stc
    mov di, target
    repne scasb
    must c
    must_be di, target
    rep stosd
    must_be di, target

    check 5                     ; SCAS, CMPS: where they stop
    mov di, source
    mov al, 9
    mov cx, 16
    repne scasb
    must e
    must_be di, source + 9
    must_be cx, 7
    mov si, source
    mov di, other
    mov cx, 16
    repe cmpsb
    must b
    must_be si, source + 12
    must_be cx, 4

    check 6                     ; LODS with a segment prefix, STOS with 32 bits
    mov ax, source_segment
    mov fs, ax
    xor si, si
    xor eax, eax
    fs lodsd
    must_be eax, 0x04030201
    mov di, target
    mov cx, 2
    rep stosd
    must_be dword [target + 4], 0x04030201
    must_be di, target + 8

    check 7                     ; SCASW and CMPSD without a prefix
    mov di, source
    mov ax, 0x0201
    scasw
    must e
    must_be di, source + 2
    mov si, source
    mov di, other
    cmpsd
    must e
    must_be si, source + 4

    jmp all_passed

align 16
source_segment equ (load_address + source - $$) / 16
source: db 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
other:  db 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99, 13, 14, 15, 16
target: times 32 db 0
