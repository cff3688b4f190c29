; SPDX-License-Identifier: GPL-2.0-only
;
; Decimal arithmetic with checked results and flags. Exit status: 0, or the number of the check.
%include "guest.inc"

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address

    check 1                     ; DAA
    mov al, 0x58
    add al, 0x67
    daa
    must c
    cmp al, 0x25
    must e

    check 2                     ; DAS
    mov al, 0x32
    sub al, 0x47
    das
    must c
    cmp al, 0x85
    must e

    check 3                     ; AAA, AAS
    mov ax, 0x0009
    add al, 8
    aaa
    must c
    cmp ax, 0x0107
    must e
    mov ax, 0x0203
    sub al, 8
    aas
    must c
    cmp ax, 0x0105
    must e

    check 4                     ; AAM, AAD
    mov al, 73
    aam
    cmp ax, 0x0703
    must e
    aad
    cmp ax, 73
    must e

    jmp all_passed

%include "checks.inc"
%include "print.inc"
