; SPDX-License-Identifier: GPL-2.0-only
;
; Halts until the timer of its APIC comes, for ever; a dot for each ten times. Run with --apic.
%include "guest.inc"
%include "apic_msr.inc"

    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address
    mov word [4 * 0x42], on_timer
    mov word [4 * 0x42 + 2], 0
    call big_gs
    mov ebx, apic_page
    mov dword [gs:ebx + apic_svr], 0x1ff
    mov dword [gs:ebx + apic_divide], 0xb
    mov dword [gs:ebx + apic_lvt_timer], 0x20042
    mov dword [gs:ebx + apic_initial], 50000
    sti
next_dot:
    mov word [ticks], 0
.halt:
    hlt
    cmp word [ticks], 10
    jb .halt
    mov al, '.'
    out debug_port, al
    jmp next_dot

on_timer:
    inc word [cs:ticks]
    mov dword [gs:ebx + apic_eoi], 0
    iret

ticks:  dw 0

%include "unreal.inc"
