; SPDX-License-Identifier: GPL-2.0-only
;
; Three vCPUs at once: locked instructions, and plain ones under a spinlock, lose no increment.
%define options "vcpus=3;emulated=its emulator keeps other vCPUs out"
%include "case.inc"

rounds  equ 2000

    mov esi, ebx                ; which vCPU this is
    mov ax, si                  ; a stack for each
    shl ax, 8
    add ax, 0x3000
    mov sp, ax
    sti                         ; KVM in Bochs needs it to stop a guest
    mov cx, rounds
.next:
    lock inc dword [locked]
    mov eax, 1
    lock xadd [added], eax
.take:
    lock bts word [spinlock], 0
    jnc .taken
    pause
    jmp .take
.taken:
    inc dword [guarded]
    mov word [spinlock], 0
    loop .next
    lock inc word [finished]
    test esi, esi
    jz first
    cli
    hlt

first:
    pause
    cmp word [finished], 3
    jne first
    cli
    mov sp, load_address
    check 1
    must_be dword [locked], 3 * rounds
    must_be dword [added], 3 * rounds
    check 2
    must_be dword [guarded], 3 * rounds

    jmp all_passed

align 64
locked:     dd 0
added:      dd 0
guarded:    dd 0
spinlock:   dw 0
finished:   dw 0
