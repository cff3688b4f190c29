; SPDX-License-Identifier: GPL-2.0-only
;
; Big real mode: 4 GiB segment limits taken along from protected mode, and memory above 1 MiB.
; Wants 2 MiB of memory. Exit status: 0, or the number of the check.
%include "guest.inc"

far_address     equ 0x180000
protection      equ 1           ; CR0.PE
flat_selector   equ 8
protection_vector equ 13        ; #GP

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, load_address

    check 1                     ; before: an offset above ffffh is #GP, as in any real mode
    mov word [protection_vector * 4], limit_handler
    mov word [protection_vector * 4 + 2], cs
    mov ebx, 0x10000
refused:
    mov al, [ebx]
    cmp byte [faults], 1
    must e

    check 2                     ; into protected mode for the limits, and back
    lgdt [gdt_register]
    mov eax, cr0
    or al, protection
    mov cr0, eax
    jmp short .in_protected
.in_protected:
    mov bx, flat_selector
    mov ds, bx
    mov es, bx
    mov fs, bx
    and al, ~protection
    mov cr0, eax
    jmp 0:.in_real
.in_real:
    xor ax, ax
    mov ds, ax                  ; base 0; the limit stays
    mov es, ax
    mov fs, ax
    mov eax, cr0
    test al, protection
    must z

    check 3                     ; write and read above 1 MiB, through three segments
    mov ebx, far_address
    mov dword [ebx], 0x12345678
    cmp dword [es:ebx], 0x12345678
    must e
    cmp dword [fs:ebx], 0x12345678
    must e
    cmp byte [faults], 1
    must e

    check 4                     ; 32-bit string instructions there
    mov edi, far_address
    mov ecx, 1024
    mov eax, 0xa5a5a5a5
    a32 rep stosd
    cmp edi, far_address + 4096
    must e
    cmp dword [dword far_address + 4092], 0xa5a5a5a5
    must e
    mov esi, far_address
    mov edi, far_address + 0x10000
    mov ecx, 1024
    a32 rep movsd
    cmp dword [dword far_address + 0x10000 + 4092], 0xa5a5a5a5
    must e

    check 5                     ; real-mode segment loads change the base, not the limit
    mov ax, 0x1000
    mov es, ax
    mov dword [dword far_address], 0xcafe0001
    cmp dword [es:dword far_address - 0x10000], 0xcafe0001
    must e

    check 6                     ; interrupts work as ever
    mov word [0x60 * 4], int_handler
    mov word [0x60 * 4 + 2], cs
    int 0x60
    cmp byte [interrupts], 1
    must e

    jmp all_passed

; Skips `mov al, [ebx]`: 3 bytes with the address-size prefix.
limit_handler:
    inc byte [cs:faults]
    push bp
    mov bp, sp
    cmp word [bp + 2], refused
    jne failed
    add word [bp + 2], 3
    pop bp
    iret

int_handler:
    inc byte [cs:interrupts]
    iret

%include "checks.inc"
%include "print.inc"

faults:     db 0
interrupts: db 0

align 8
gdt:        dq 0
            dq 0x00cf92000000ffff       ; data, base 0, limit 4 GiB
gdt_end:
gdt_register:
            dw gdt_end - gdt - 1
            dd gdt
