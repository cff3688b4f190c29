; SPDX-License-Identifier: GPL-2.0-only
;
; Integer arithmetic with checked results and flags. Exit status: 0, or the number of the check.
%include "guest.inc"

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address

    check 1                     ; 8- and 16-bit MUL
    mov al, 200
    mov bl, 100
    mul bl
    must c
    cmp ax, 20000
    must e
    mov ax, 50000
    mov cx, 3
    mul cx
    must c
    cmp ax, 150000 & 0xffff
    must e
    cmp dx, 150000 >> 16
    must e

    check 2                     ; IMUL with sign
    mov al, -7
    mov bl, 9
    imul bl
    must nc
    cmp ax, -63
    must e
    imul cx, ax, 500
    cmp cx, -31500
    must e

    check 3                     ; DIV, IDIV, remainders
    mov dx, 1
    mov ax, 0x86a0              ; 100000
    mov cx, 321
    div cx
    cmp ax, 311
    must e
    cmp dx, 169
    must e
    mov ax, -100
    mov bl, 7
    idiv bl
    cmp al, -14
    must e
    cmp ah, -2
    must e

    check 4                     ; shifts and rotates
    mov ax, 0x8421
    shl ax, 1
    must c
    cmp ax, 0x0842
    must e
    mov ax, 0x8421
    sar ax, 4
    cmp ax, 0xf842
    must e
    mov ax, 0x8001
    ror ax, 1
    must c
    cmp ax, 0xc000
    must e
    stc
    mov ax, 0x4000
    rcl ax, 2
    cmp ax, 0x0002
    must e
    mov ax, 0x1234
    mov dx, 0xabcd
    shld ax, dx, 8
    cmp ax, 0x34ab
    must e

    check 5                     ; 32-bit operands
    mov eax, 123456789
    mov ebx, 987654321
    mul ebx                     ; 121932631112635269 = 1b13114fbed79 85h
    must c
    cmp eax, 121932631112635269 & 0xffffffff
    must e
    cmp edx, 121932631112635269 >> 32
    must e
    mov ecx, 987654321
    div ecx
    cmp eax, 123456789
    must e
    test edx, edx
    must z
    mov eax, 0x80000000
    dec eax
    must o
    movsx ebx, ax
    cmp ebx, -1
    must e
    movzx ebx, ax
    cmp ebx, 0xffff
    must e
    bsr ecx, eax
    cmp ecx, 30
    must e
    bsf ecx, eax
    must nz
    test ecx, ecx
    must z

    check 6                     ; carry chains: 64 bits in 16-bit steps
    mov ax, 0xffff
    mov bx, 0xffff
    mov cx, 0xffff
    mov dx, 0x7fff
    add ax, 1
    adc bx, 0
    adc cx, 0
    adc dx, 0
    must o
    must s
    cmp dx, 0x8000
    must e
    or ax, bx
    or ax, cx
    must z

    check 7                     ; 32-bit addressing with scale
    mov ebx, table
    mov esi, 3
    mov eax, [ebx + esi * 4]
    cmp eax, 0x33333333
    must e
    lea eax, [esi + esi * 8 + 5]
    cmp eax, 32
    must e

    check 8                     ; string operations
    mov ax, ds
    mov es, ax
    mov di, scratch
    mov al, 0xa5
    mov cx, 32
    rep stosb
    mov di, scratch
    mov cx, 33
    repe scasb
    must ne
    cmp di, scratch + 33
    must e
    mov si, table
    mov di, scratch
    mov cx, 4
    rep movsd
    mov si, table
    mov di, scratch
    mov cx, 16
    repe cmpsb
    must e

    check 9                    ; a sum: 1 + 2 + ... + 10000
    xor eax, eax
    mov ecx, 10000
.sum:
    add eax, ecx
    dec ecx
    jnz .sum
    cmp eax, 50005000
    must e

    jmp all_passed

%include "checks.inc"
%include "print.inc"

align 4
table:      dd 0x00000000, 0x11111111, 0x22222222, 0x33333333
scratch:    times 32 db 0
            db 0
