; SPDX-License-Identifier: GPL-2.0-only
;
; Limits that stay from protected mode: a small one and a big one, and a 32-bit stack in real
; mode.
%include "case.inc"
%include "modes.inc"

    check 1                     ; a limit of 4 KiB
    real_to_protected32
    set_descriptor test_1, 0xfff, 0, 0x92, 0
    mov ax, test_1
    mov gs, ax
    mov ax, data32
    mov fs, ax
    jmp code16:in_16
bits 16
in_16:
    mov eax, cr0
    and eax, ~cr0_pe
    mov cr0, eax
    jmp 0:in_real
in_real:
    lidt [cs:ivt_register]
    mov ax, 0x2000              ; the base changes, the limit stays
    mov gs, ax
    mov al, [gs:0xfff]
    must_fault general_protection, mov al, [gs:0x1000]
    mov ebx, 0x110000
    mov dword [fs:ebx], 0x12345678
    must_be dword [fs:ebx], 0x12345678

    check 2                     ; a 32-bit stack above 64 KiB: SS.B stays as well
    mov esi, esp
    mov ax, ss
    mov esp, 0x112000           ; the stack of data32 is still there
    push word 0x4321
    must_be esp, 0x111ffe
    mov ebx, esp
    must_be word [fs:ebx], 0x4321
    call near_function
    must_be cx, 0x5555
    must_be esp, 0x111ffe
    mov esp, esi

    check 3                     ; interrupts push there too
    mov esp, 0x112000
    set_vector 0x60, handler
    int 0x60
    must_be esp, 0x112000
    mov esp, esi
    must_be ecx, 0x111ffa

    check 4                     ; through protected mode, all is 64 KiB again
    real_to_protected16
    protected16_to_real
    mov ebx, 0x10000
    must_fault general_protection, mov al, [fs:ebx]
    mov esp, 0x00017000
    push ax
    must_be esp, 0x00016ffe
    mov esp, load_address

    jmp all_passed

near_function:
    mov cx, 0x5555
    ret

handler:
    mov ecx, esp
    iret
