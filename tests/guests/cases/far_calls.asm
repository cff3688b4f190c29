; SPDX-License-Identifier: GPL-2.0-only
;
; CALL and JMP far, direct and through memory, RETF with and without a count, IRET as a jump.
%include "case.inc"

    check 1
    call 0:far_function
after_call:
    must_be word [return_ip], after_call
    must_be word [return_cs], 0
    must_be sp, load_address

    check 2                     ; another CS for the same place
    call far_segment:far_offset
    must_be word [return_cs], 0
    must_be word [inner_cs], far_segment
    call far [pointer]
    must_be word [inner_cs], far_segment
    must_be sp, load_address

    check 3
    push word 7
    push word 8
    call 0:takes_two
    must_be ax, 15
    must_be sp, load_address

    check 4
    jmp 0:.jumped
    fail
.jumped:
    jmp far [jump_pointer]
    fail
through_memory:
    pushf
    push cs
    push word .returned
    iret
    fail
.returned:
    push word 0                 ; CS in the upper half
    push word 0
    push word 0
    push word .far_returned
    o32 retf
    fail
.far_returned:
    must_be sp, load_address

    jmp all_passed

align 16
far_function:
far_segment equ (load_address + far_function - $$) / 16
far_offset equ 0
    mov bp, sp
    mov ax, [bp]
    mov [return_ip], ax
    mov ax, [bp + 2]
    mov [return_cs], ax
    mov [inner_cs], cs
    retf

takes_two:
    mov bp, sp
    mov ax, [bp + 4]
    add ax, [bp + 6]
    retf 4

align 4
return_ip:      dw 0
return_cs:      dw 0
inner_cs:       dw 0
pointer:        dw far_offset, far_segment
jump_pointer:   dw through_memory, 0
