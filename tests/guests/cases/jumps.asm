; SPDX-License-Identifier: GPL-2.0-only
;
; Every condition of Jcc both ways, LOOP, LOOPE, LOOPNE, JCXZ, JECXZ, near and indirect jumps.
%include "case.inc"

%macro both 3                   ; condition, flags that make it true, flags that make it false
    push word %2
    popf
    j%1 near %%yes
    fail
%%yes:
    push word %3
    popf
    j%1 short %%no
    jmp short %%good
%%no:
    fail
%%good:
%endmacro

    check 1
    both o, flag_overflow, 0
    both no, 0, flag_overflow
    both c, flag_carry, 0
    both nc, 0, flag_carry
    both z, flag_zero, 0
    both nz, 0, flag_zero
    both be, flag_zero, 0
    both be, flag_carry, flag_sign
    both a, 0, flag_carry
    both s, flag_sign, 0
    both ns, 0, flag_sign
    both p, flag_parity, 0
    both np, 0, flag_parity
    check 2
    both l, flag_sign, flag_sign | flag_overflow
    both ge, flag_sign | flag_overflow, flag_overflow
    both le, flag_zero, 0
    both le, flag_overflow, flag_sign | flag_overflow
    both g, flag_sign | flag_overflow, flag_zero

    check 3
    mov cx, 5
    xor ax, ax
.loop:
    inc ax
    loop .loop
    must_be ax, 5
    mov cx, 5
.loope:
    cmp ax, ax
    loope .loope
    must_be cx, 0
    mov cx, 5
    cmp ax, 0
.loopne:
    dec ax
    loopne .loopne
    must_be cx, 0
    must_be ax, 0
    mov ecx, 0x10000
    jcxz .zero
    fail
.zero:
    jecxz .not_zero
    jmp short .indirect
.not_zero:
    fail

.indirect:
    check 4
    mov bx, .first
    jmp bx
    fail
.first:
    jmp word [pointer]
    fail
second:
    call word [call_pointer]
    must_be dx, 0x1234
    mov ebx, .third
    jmp ebx
    fail
.third:
    must_be sp, load_address

    jmp all_passed

callee:
    mov dx, 0x1234
    ret

align 2
pointer:        dw second
call_pointer:   dw callee
