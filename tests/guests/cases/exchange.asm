; SPDX-License-Identifier: GPL-2.0-only
;
; XCHG, XADD, CMPXCHG, CMPXCHG8B, CMOVcc, with LOCK where it is allowed.
%include "case.inc"

    check 1
    mov eax, 1
    mov ebx, 2
    xchg eax, ebx
    must_be eax, 2
    must_be ebx, 1
    xchg [value], ebx
    must_be ebx, 0x11223344
    must_be dword [value], 1

    check 2
    mov eax, 5
    lock xadd [value], eax
    must_be eax, 1
    must_be dword [value], 6
    mov bl, 0xff
    mov cl, 2
    xadd bl, cl
    must c
    must_be bl, 1
    must_be cl, 0xff

    check 3
    mov eax, 6
    mov ecx, 99
    lock cmpxchg [value], ecx
    must z
    must_be dword [value], 99
    cmpxchg [value], ecx
    must nz
    must_be eax, 99

    check 4
    mov eax, 0x55555555
    mov edx, 0x66666666
    mov ebx, 0x77777777
    mov ecx, 0x88888888
    lock cmpxchg8b [pair]
    must z
    must_be dword [pair], 0x77777777
    must_be dword [pair + 4], 0x88888888
    cmpxchg8b [pair]
    must nz
    must_be eax, 0x77777777
    must_be edx, 0x88888888

    check 5
    mov ax, 1
    mov bx, 2
    cmp ax, bx
    cmovb ax, bx
    must_be ax, 2
    cmp ax, bx
    cmovne eax, [pair]
    must_be ax, 2

    check 6                     ; where LOCK is not allowed
    must_fault invalid_opcode, db 0xf0, 0x66, 0xa3, 0, 0	; lock mov [0], eax
    must_fault invalid_opcode, db 0xf0, 0x66, 0x01, 0xd8	; lock add eax, ebx
    must_be byte [fault_vector], invalid_opcode

    jmp all_passed

align 8
pair:   dd 0x55555555, 0x66666666
value:  dd 0x11223344
