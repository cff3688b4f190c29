; SPDX-License-Identifier: GPL-2.0-only
;
; An ELF guest: code, data and zeroed memory in segments of their own, and two entries. The usual
; one exits with 0, `other_start` with 7; 1 and 2 tell of a loader that forgot something.
%define elf_guest
%include "guest.inc"

section .text
global start, other_start
start:
    cli
    cld
    xor ax, ax
    mov ss, ax
    mov sp, load_address
    mov ds, ax
    mov cx, zeroed_size         ; .bss has been zeroed
    mov si, zeroed
.next:
    lodsb
    test al, al
    jnz .dirty
    loop .next
    cmp dword [marker], 0x31415926
    jne .no_data
    mov si, text
    call print_debug
    exit 0
.dirty:
    exit 1
.no_data:
    exit 2

other_start:
    exit 7

%include "print.inc"

section .data
marker: dd 0x31415926
text:   db "hello from an ELF image", 10, 0

section .bss
zeroed_size equ 64
zeroed: resb zeroed_size
