; SPDX-License-Identifier: GPL-2.0-only
;
; Works in memory that is no memory: the page at B8000h comes to user space (--mmio), where every
; instruction is completed with the results and flags of the CPU. Exit status: 0, or the check's
; number.
%include "guest.inc"

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address
    mov ax, 0xb800
    mov es, ax

    check 1                     ; MOV in all sizes
    mov byte [es:0], 0x11
    mov al, 0x22
    mov [es:1], al
    mov ax, 0x4433
    mov [es:2], ax
    mov eax, [es:0]
    cmp eax, 0x44332211
    must e
    mov ah, [es:2]
    cmp ah, 0x33
    must e
    mov [es:4], ah
    movzx ebx, byte [es:4]
    cmp ebx, 0x33
    must e
    mov word [es:4], 0x8081
    movsx ecx, word [es:4]
    cmp ecx, 0xffff8081
    must e
    mov [es:6], ds
    cmp word [es:6], 0
    must e

    check 2                     ; arithmetic and its flags
    mov dword [es:8], 0x7fffffff
    add dword [es:8], 1
    must o
    must s
    cmp dword [es:8], 0x80000000
    must e
    mov eax, 0x80000000
    sub eax, [es:8]
    must z
    mov word [es:8], 0xffff
    stc
    adc word [es:8], 0
    must c
    must z
    dec word [es:8]
    must s
    neg byte [es:8]
    must c
    cmp byte [es:8], 1
    must e
    not byte [es:8]
    test byte [es:8], 1
    must z
    or byte [es:8], 1
    and byte [es:8], 0x0f
    xor byte [es:8], 0xf0
    cmp byte [es:8], 0xff
    must e
    shl byte [es:8], 4
    must c
    cmp byte [es:8], 0xf0
    must e

    check 3                     ; exchanges
    mov word [es:16], 0x1234
    mov bx, 0x5678
    xchg bx, [es:16]
    cmp bx, 0x1234
    must e
    cmp word [es:16], 0x5678
    must e

    check 4                     ; REP STOSW and LODSW
    mov di, 0x100
    mov cx, 80
    mov ax, 0x0720
    rep stosw
    cmp di, 0x100 + 160
    must e
    or cx, cx
    must z
    cmp word [es:0x100 + 158], 0x0720
    must e

    check 5                     ; MOVS to the device, back, and inside of it
    mov si, text
    mov di, 0x200
    mov cx, text_end - text
    rep movsb
    push ds
    push es
    pop ds
    push word 0
    pop es
    mov si, 0x200
    mov di, 0x500
    mov cx, text_end - text
    rep movsb
    pop ds
    push word 0xb800
    pop es
    mov si, text
    mov di, 0x200
    mov cx, text_end - text
    repe cmpsb
    must e
    or cx, cx
    must z

    check 6                     ; SCASB finds
    mov di, 0x200
    mov cx, 100
    mov al, 'x'
    repne scasb
    must e
    cmp di, 0x200 + 4           ; behind the x of "memxory"
    must e

    check 7                     ; down
    std
    mov di, 0x302
    mov cx, 2
    mov ax, 0xabcd
    rep stosw
    cld
    cmp di, 0x2fe
    must e
    cmp dword [es:0x300], 0xabcdabcd
    must e

    check 8                     ; the copy in memory
    cmp byte [0x500], 'm'
    must e

    check 9                     ; half in the device: the page before it is memory
    push es
    mov ax, 0xb7ff
    mov es, ax
    mov dword [es:14], 0x44332211
    pop es
    cmp word [es:0], 0x4433
    must e


    check 10                    ; an exception of an instruction that user space completes
    mov word [0], divide_error
    mov word [2], 0
    mov byte [es:8], 0
    mov ax, 1
divide:
    div byte [es:8]
    jmp failed
divide_error:
    pop ax                      ; a fault: the address is that of the instruction
    cmp ax, divide
    must e
    mov sp, load_address

    jmp all_passed

%include "print.inc"
%include "checks.inc"

text:       db "memxory"
text_end:
