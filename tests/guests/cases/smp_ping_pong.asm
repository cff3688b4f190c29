; SPDX-License-Identifier: GPL-2.0-only
;
; Three vCPUs hand a token round by plain stores: each sees the others' in order.
%define options "vcpus=3;emulated=its emulator keeps other vCPUs out"
%include "case.inc"

rounds  equ 1000

    mov esi, ebx
    mov ax, si
    shl ax, 8
    add ax, 0x3000
    mov sp, ax
    xor edx, edx                ; how often it had the token
    sti
wait_for_token:
    pause
    mov eax, [token]
    mov ecx, eax
    and ecx, 3
    cmp ecx, esi
    jne wait_for_token
    cmp eax, [data]             ; written before the token was
    jne out_of_order
    inc edx
    add eax, 4                  ; the upper bits count
    inc ecx
    and eax, ~3
    cmp ecx, 3
    jne .not_round
    xor ecx, ecx
.not_round:
    or eax, ecx
    mov [data], eax
    mov [token], eax
    cmp edx, rounds
    jb wait_for_token
    test esi, esi
    jz first
    lock inc byte [finished]
    cli
    hlt

out_of_order:
    exit 9

first:
    pause
    cmp byte [finished], 2
    jne first
    cli
    mov sp, load_address
    check 1
    must_be dword [token], 3 * rounds * 4
    must_be byte [finished], 2

    jmp all_passed

align 64
token:      dd 0
align 64
data:       dd 0
finished:   db 0
