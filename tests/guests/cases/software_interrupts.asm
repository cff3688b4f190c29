; SPDX-License-Identifier: GPL-2.0-only
;
; INT n, INT3 by one and by two bytes, INTO, INT1; what is pushed, IF and TF inside, IRET.
%define options "emulated=its emulator has no INT1"
%include "case.inc"

    check 1
    set_vector 0x60, handler
    stc
    sti
    int 0x60
after_int:
    must c
    cli
    must_be word [seen_ip], after_int
    must_be word [seen_cs], 0
    mov ax, [seen_flags]
    and ax, flag_interrupt | flag_carry
    must_be ax, flag_interrupt | flag_carry
    mov ax, [inner_flags]
    and ax, flag_interrupt | flag_trap
    must z

    check 2                     ; the same vector by its own opcode and by INT 3
    must_trap breakpoint, int3
    must_trap breakpoint, db 0xcd, 3
    must_trap debug_exception, db 0xf1
    must_trap debug_exception, int 1
    xor ax, ax
    into                        ; nothing
    mov al, 0x7f
    inc al
    must_trap overflow, into

    check 3                     ; 32-bit IRET: the upper half of EFLAGS too
    pushfd
    pop eax
    xor eax, flag_ac
    mov ebx, eax
    push eax
    push dword 0
    push dword .returned
    o32 iret
    fail
.returned:
    pushfd
    pop eax
    must_be eax, ebx

    check 4                     ; INT from another CS
    set_vector 0x60, far_back
    jmp far_segment:0
back:
    must_be word [seen_cs], far_segment

    jmp all_passed

handler:
    pushf
    pop word [cs:inner_flags]
    push bp
    mov bp, sp
    push ax
    mov ax, [bp + 2]
    mov [cs:seen_ip], ax
    mov ax, [bp + 4]
    mov [cs:seen_cs], ax
    mov ax, [bp + 6]
    mov [cs:seen_flags], ax
    pop ax
    pop bp
    iret

far_back:
    pop ax
    pop ax
    mov [seen_cs], ax
    popf
    jmp 0:back

align 16
far_segment equ (load_address + far_code - $$) / 16
far_code:
    int 0x60

align 2
seen_ip:        dw 0
seen_cs:        dw 0
seen_flags:     dw 0
inner_flags:    dw 0
