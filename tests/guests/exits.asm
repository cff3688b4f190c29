; SPDX-License-Identifier: GPL-2.0-only
;
; A known sequence of VM exits for the tests of the trace: port accesses only, of each size and
; form, in this order, then HLT. expected/exits.trace holds what the trace must show of them.
%include "guest.inc"

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, load_address
    mov al, 0x11
    out post_port, al           ; OUT imm8, 1 byte
    mov dx, debug_port
    mov al, 'x'
    out dx, al                  ; OUT DX, 1 byte
    mov dx, 0x200
    mov ax, 0x2222
    out dx, ax                  ; 2 bytes
    mov eax, 0x33333333
    out dx, eax                 ; 4 bytes
    in al, dx                   ; IN DX, 1 byte
    in ax, debug_port           ; IN imm8, 2 bytes
    in eax, dx                  ; 4 bytes
    mov al, 0x22
    out post_port, al
    hlt
