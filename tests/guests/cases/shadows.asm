; SPDX-License-Identifier: GPL-2.0-only
;
; MOV SS and POP SS hold back a single step for one instruction; STI does not.
%define options "emulated=its emulator has no single step;kvm-bochs2.7=some of the traps that KVM handles come twice"
%include "case.inc"

    set_vector debug_exception, handler
    check 1                     ; three instructions
    call step_start
    nop
    nop
    nop
    call step_end
    must_be word [count], 3
    check 2                     ; MOV SS and what follows: one trap for both
    mov ax, ss
    call step_start
    mov ss, ax
    nop
    nop
    call step_end
    must_be word [count], 2
    check 3
    push ss
    call step_start
    pop ss
    nop
    nop
    call step_end
    must_be word [count], 2
    check 4
    call step_start
    sti
    cli
    nop
    call step_end
    must_be word [count], 3
    check 5                     ; an INT has no trap, its handler is not stepped, and IRET has none
    set_vector 0x60, int_handler
    call step_start
    int 0x60
    nop
    call step_end
    must_be word [count], 1
    check 6                     ; REP: a trap for each round
    mov di, 0x3000
    mov cx, 5
    call step_start
    rep stosb
    call step_end
    must_be word [count], 5
    must_be di, 0x3005

    jmp all_passed

; TF is set from the RET on.
step_start:
    mov word [count], 0
    pushf
    or word [esp], flag_trap
    popf
    ret

; Its own 6 traps, those of the CALL and of the RET before are taken off again.
step_end:
    pushf
    push bp
    mov bp, sp
    and word [bp + 2], ~flag_trap
    pop bp
    popf
    sub word [count], 8
    ret

handler:
    inc word [cs:count]
    iret
int_handler:
    iret

align 2
count:  dw 0
