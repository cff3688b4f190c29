; SPDX-License-Identifier: GPL-2.0-only
;
; BT, BTS, BTR, BTC with bit offsets that reach beyond the operand, BSF, BSR, SETcc, BSWAP.
%include "case.inc"

    check 1                     ; registers: the offset is taken modulo the size
    mov eax, 0x80000001
    bt eax, 31
    must c
    mov cx, 33
    bt eax, ecx
    must nc
    mov cx, 16
    bts ax, cx                  ; bit 0
    must c
    btr eax, 31
    must c
    must_be eax, 1
    btc eax, 4
    must nc
    must_be eax, 0x11

    check 2                     ; memory: the offset is a signed number of bits
    mov eax, 70
    bts [field], eax
    must nc
    must_be byte [field + 8], 0x40
    mov ax, -3
    btc [field], ax
    must nc
    must_be byte [field - 1], 0x20
    mov ax, -3
    btr [field], ax
    must c
    must_be byte [field - 1], 0

    check 3                     ; BSF and BSR
    mov eax, 0x00f0
    bsf ebx, eax
    must_be ebx, 4
    bsr bx, ax
    must_be bx, 7
    xor ax, ax
    bsf dx, ax
    must z

    check 4                     ; SETcc
    cmp ax, 1
    setb bl
    setnl bh
    setne [field]
    must_be bl, 1
    must_be bh, 0
    must_be byte [field], 1

    check 5                     ; BSWAP
    mov eax, 0x12345678
    bswap eax
    must_be eax, 0x78563412

    jmp all_passed

align 4
        dd 0
field:  dd 0, 0, 0
