; SPDX-License-Identifier: GPL-2.0-only
;
; The guest's own breakpoints on data: writes, accesses, in a string instruction, several at once.
%define options "emulated=its emulator has no data breakpoints"
%include "case.inc"

%define dr7_enable(number, type, length) \
    (0x400 | (2 << ((number) * 2)) | (((type) | ((length) << 2)) << (16 + (number) * 4)))
on_write        equ 1
on_access       equ 3

%macro clear_dr6 0
    mov eax, 0xffff0ff0
    mov dr6, eax
%endmacro

    check 1                     ; a write to 4 bytes; a read is none; the trap is behind it
    mov eax, watched
    mov dr1, eax
    mov eax, dr7_enable(1, on_write, 3)
    mov dr7, eax
    mov eax, [watched]
    must_trap debug_exception, mov [watched + 2], al
    mov eax, dr6
    must_be eax, 0xffff0ff2
    clear_dr6
    mov [watched + 4], al
    mov [watched - 1], al
    must_trap debug_exception, mov [watched - 2], eax
    clear_dr6

    check 2                     ; any access to 1 byte, in a string instruction
    mov eax, dr7_enable(1, on_access, 0)
    mov dr7, eax
    must_trap debug_exception, mov al, [watched]
    mov si, watched - 1
    mov cx, 3
    mov byte [fault_unexpected], 0
    mov word [resume_at], string_behind
    rep lodsb
    fail
string_behind:
    mov byte [fault_unexpected], 1
    must_be cx, 1               ; after the second round
    clear_dr6

    check 3                     ; two that match at once
    mov eax, watched
    mov dr2, eax
    mov eax, dr7_enable(1, on_write, 0) | dr7_enable(2, on_write, 1)
    mov dr7, eax
    must_trap debug_exception, mov [watched], ax
    mov eax, dr6
    must_be eax, 0xffff0ff6
    clear_dr6

    check 4                     ; none enabled
    mov eax, 0x400
    mov dr7, eax
    mov [watched], eax
    mov eax, dr6
    must_be eax, 0xffff0ff0

    jmp all_passed

align 8
        dd 0
watched: dd 0, 0
