; SPDX-License-Identifier: GPL-2.0-only
;
; Every 16-bit form of address, and 32-bit ones with scale, index and displacement.
%include "case.inc"

    mov bx, table
    mov si, 2
    mov di, 4
    mov bp, table

    check 1                     ; 16-bit forms; BP has SS, which has base 0 here
    must_be byte [bx + si], 2
    must_be byte [bx + di], 4
    must_be byte [bp + si], 2
    must_be byte [bp + di], 4
    must_be byte [bx], 0
    must_be byte [bp + 3], 3
    must_be byte [bx + si + 5], 7
    must_be byte [bp + di - 1], 3
    must_be byte [bx + di], 4
    mov si, table + 9
    must_be byte [si], 9
    lea di, [bx + si - table]
    must_be di, table + 9

    check 2                     ; sums wrap at 16 bits
    mov bx, 0xffff
    mov si, table + 2
    must_be byte [bx + si], 1
    mov bx, 0x8000
    mov si, table - 0x8000
    must_be byte [bx + si], 0

    check 3                     ; 32-bit forms
    mov eax, table
    mov ecx, 3
    mov edx, 1
    must_be byte [eax + ecx], 3
    must_be byte [eax + ecx * 2], 6
    must_be byte [eax + edx * 8 + 1], 9
    must_be byte [table + ecx * 4], 12
    must_be byte [ecx * 4 + table - 8], 4
    mov ebp, table
    must_be byte [ebp + edx], 1
    must_be byte [esp - load_address + table + 5], 5
    lea ebx, [eax + eax * 4]
    must_be ebx, (load_address + table - $$) * 5

    check 4                     ; segment prefixes
    mov ax, table_segment
    mov fs, ax
    mov gs, ax
    mov bx, 7
    must_be byte [fs:bx], 7
    must_be byte [gs:bx + 1], 8
    mov bp, table + 1
    must_be byte [ds:bp], 1

    check 5                     ; XLAT
    mov bx, table
    mov al, 11
    xlatb
    must_be al, 11

    jmp all_passed

align 16
table_segment equ (load_address + table - $$) / 16
table:  db 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
