; SPDX-License-Identifier: GPL-2.0-only
;
; A guest that reads all of its physical address space sees its own 2 MiB and nothing else: every
; read outside ends at its owner. 32 bits in steps of 1 MiB, then 512 GiB in steps of 1 GiB.
%define options "emulated=it gives other exceptions with paging on"
%include "case.inc"
%include "modes.inc"

apic_page   equ 0xfee00000      ; may be answered by a local APIC
step32      equ 0x100000

    real_to_protected32
    check 1                     ; inside: what the guest has written
    mov dword [0x100ff8], 0x600df00d
    must_be dword [0x100ff8], 0x600df00d

    check 2                     ; all else below 4 GiB: what the owner answers
    mov ebx, 0x200000
next32:
    cmp ebx, apic_page
    je skip32
    mov eax, [ebx]
    must_be eax, -1
skip32:
    add ebx, step32
    jnz next32

    check 3                     ; above: pages of 1 GiB
    call build_page_tables
    mov edi, 0x109000           ; 512 of them, as a second entry of the PML4
    mov [pml4_table + 8], edi
    or dword [pml4_table + 8], page_all
    xor ecx, ecx
next_entry:
    mov eax, ecx
    shl eax, 30
    or eax, page_all | page_large
    mov [0x109000 + ecx * 8], eax
    mov eax, ecx
    shr eax, 2
    mov [0x109000 + ecx * 8 + 4], eax
    inc ecx
    cmp ecx, 512
    jb next_entry
    protected32_to_long
    mov rbx, 0x8000000000 + 0x100000000
    mov ecx, 508
next64:
    mov eax, [rbx]
    must_be eax, -1
    add rbx, 0x40000000
    dec ecx
    jnz next64
    long_to_real

    jmp all_passed
