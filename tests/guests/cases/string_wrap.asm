; SPDX-License-Identifier: GPL-2.0-only
;
; 16-bit index registers wrap at 64 KiB; an operand across the end faults.
%include "case.inc"

    mov ax, 0x2000
    mov ds, ax
    mov es, ax

    check 1                     ; SI and DI go from FFFFh to 0
    mov byte [0xffff], 0xaa
    mov byte [0], 0xbb
    mov si, 0xffff
    mov di, 0x100
    mov cx, 2
    rep movsb
    must_be si, 1
    must_be word [0x100], 0xbbaa

    check 2                     ; and back
    std
    mov si, 0
    mov di, 0x200
    mov cx, 2
    rep movsb
    cld
    must_be si, 0xfffe
    must_be byte [0x1ff], 0xaa

    xor ax, ax
    mov ds, ax
    check 3                     ; a word at FFFFh does not wrap
    mov di, 0xffff
    mov cx, 1
    must_fault general_protection, rep stosw
    must_be cx, 1
    must_be di, 0xffff

    check 4                     ; a fault in the middle leaves the registers there
    mov eax, 0x12345678
    mov edi, 0xfff8
    mov ecx, 5
    must_fault general_protection, a32 rep stosd
    must_be ecx, 3
    must_be edi, 0x10000

    jmp all_passed
