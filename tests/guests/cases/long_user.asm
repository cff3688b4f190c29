; SPDX-License-Identifier: GPL-2.0-only
;
; CPL 3 in 64-bit mode: IRETQ there, faults, INT back over the TSS's stack, #PF with the user bit.
%define options "emulated=it gives other exceptions with paging on"
%include "case.inc"
%include "modes.inc"

window      equ 0x80000
elsewhere   equ 0x10b000

    real_to_long
    load_tss64
    mov [kernel_stack], rsp
    set_idt64 0x30, back
    or byte [idt64_address + 0x30 * 16 + 5], dpl3
    map_page64 window, elsewhere, page_present | page_writable
    invlpg [window]
    push user_data32
    push user_stack
    push flag_iopl | 2
    push user_code64
    push user
    iretq

user:
    check 1
    mov rbx, 0x8877665544332211
    must_fault_code general_protection, 0, hlt
    must_fault_code general_protection, 0, mov rax, cr3
    must_fault_code general_protection, 0, rdmsr
    must_fault_code page_fault, 5, mov eax, [window]
    must_fault_code page_fault, 7, mov [window], eax
    must_fault_code general_protection, 0x31 * 8 + 2, int 0x31
    mov eax, cs
    must_be eax, user_code64
    must_be rsp, user_stack
    int 0x30
    fail

back:
    check 2
    must_be qword [rsp + 8], user_code64
    must_be qword [rsp + 24], user_stack
    must_be rsp, stack_cpl0 - 40
    mov eax, ss
    must_be eax, 0              ; null, by the change of level
    mov rax, 0x8877665544332211
    must_be rax, rbx
    mov rsp, [kernel_stack]
    mov ax, data32
    mov ss, ax
    long_to_real

    jmp all_passed

align 8
kernel_stack:   dq 0
