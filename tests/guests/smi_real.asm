; SPDX-License-Identifier: GPL-2.0-only
;
; Real mode: work with a known result and software interrupts, for ever; a dot for each 32 rounds.
; Ends only if something is wrong, with the number of the check.
%include "case.inc"
%include "smi_sum.inc"

    set_vector 0x60, handler
next_dot:
    mov word [rounds], 32
next_round:
    check 1
    work
    check 2
    mov eax, [handled]
    mov cx, 100
.interrupt:
    int 0x60
    loop .interrupt
    add eax, 100
    must_be [handled], eax
    check 3                     ; of STI and MOV SS, too
    sti
    nop
    mov ax, ss
    mov ss, ax
    cli
    must_be sp, load_address
    dec word [rounds]
    jnz next_round
    show_progress
    jmp next_dot

handler:
    inc dword [cs:handled]
    iret

align 4
handled:    dd 0
rounds:     dw 0
