; SPDX-License-Identifier: GPL-2.0-only
;
; What a hypervisor does in the guest's place: control registers, MSRs, and the faults and single
; steps that belong to them. Exit status: 0, or the number of the check.
%include "guest.inc"
cpu 686

single_step         equ 1
invalid_opcode      equ 6
general_protection  equ 13
trap_flag           equ 1 << 8

cr0_pe              equ 1 << 0
cr0_mp              equ 1 << 1
cr0_em              equ 1 << 2
cr0_ts              equ 1 << 3
cr0_et              equ 1 << 4
cr0_nw              equ 1 << 29
cr0_cd              equ 1 << 30
cr0_pg              equ 1 << 31
cr4_reserved        equ 1 << 15

msr_tsc             equ 0x10
msr_sysenter_cs     equ 0x174
msr_sysenter_eip    equ 0x176
msr_pat             equ 0x277
msr_none            equ 0x12345678

%include "vectors.inc"

; The instruction raises this exception: a fault, with nothing but FLAGS, CS and IP on the stack.
%macro must_fault 2+            ; vector, instruction
    mov byte [fault_vector], 0xff
    mov word [resume_at], %%after
    mov [stack_before], sp
%%instruction:
    %2
%%after:
    cmp byte [fault_vector], %1
    must e
    cmp word [fault_ip], %%instruction
    must e
    cmp [stack_before], sp
    must e
%endmacro

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address
    set_vector single_step, count_handler
    set_vector invalid_opcode, undefined_handler
    set_vector general_protection, protection_handler

    check 1                     ; CR0 after a reset
    mov eax, cr0
    cmp eax, cr0_cd | cr0_nw | cr0_et
    must e

    check 2                     ; LMSW, SMSW and CLTS
    mov ax, cr0_mp | cr0_em | cr0_ts
    lmsw ax
    smsw ax
    cmp ax, cr0_mp | cr0_em | cr0_ts | cr0_et
    must e
    clts
    mov eax, cr0
    cmp eax, cr0_cd | cr0_nw | cr0_et | cr0_mp | cr0_em
    must e

    check 3                     ; caches "on"; ET can't be cleared
    mov eax, cr0_mp
    mov cr0, eax
    mov eax, cr0
    cmp eax, cr0_mp | cr0_et
    must e

    check 4                     ; combinations that CR0 refuses
    mov eax, cr0_pg
    must_fault general_protection, mov cr0, eax
    mov eax, cr0_nw
    must_fault general_protection, mov cr0, eax
    mov eax, cr0
    cmp eax, cr0_mp | cr0_et
    must e

    check 5                     ; a CR4 bit that no CPU has
    mov eax, cr4_reserved
    must_fault general_protection, mov cr4, eax
    mov eax, cr4
    test eax, eax
    must z

    check 6                     ; an MSR that is not there
    mov ecx, msr_none
    must_fault general_protection, rdmsr
    must_fault general_protection, wrmsr

    check 7                     ; MSRs that keep what is written
    mov ecx, msr_sysenter_cs
    mov eax, 0x1234
    xor edx, edx
    wrmsr
    mov ecx, msr_sysenter_eip
    mov eax, 0x12345678
    wrmsr
    mov ecx, msr_sysenter_cs
    rdmsr
    cmp eax, 0x1234
    must e
    mov ecx, msr_sysenter_eip
    rdmsr
    cmp eax, 0x12345678
    must e
    test edx, edx
    must z

    check 8                     ; PAT: the reset value, a good one, and one with a reserved type
    mov ecx, msr_pat
    rdmsr
    cmp eax, 0x00070406
    must e
    cmp edx, 0x00070406
    must e
    mov eax, 0x01000406
    wrmsr
    rdmsr
    cmp eax, 0x01000406
    must e
    mov eax, 0x02000406
    must_fault general_protection, wrmsr

    check 9                     ; the TSC by either way goes up
    rdtsc
    mov esi, eax
    mov edi, edx
    mov ecx, msr_tsc
    rdmsr
    cmp edx, edi
    jne .upper_differs
    cmp eax, esi
.upper_differs:
    must ae

    check 10                    ; VMX is not there
    must_fault invalid_opcode, db 0x0f, 0x01, 0xc4  ; VMXOFF

    check 11                    ; a single step behind each instruction that was done for the guest
    mov word [steps], 0
    mov ecx, msr_pat
    pushf
    pop di
    or di, trap_flag
    push di
    popf                        ; TF is set after this
    out post_port, al           ; trap
    in al, debug_port           ; trap
    rdmsr                       ; trap
    mov eax, cr0                ; trap
    mov cr0, eax                ; trap
    cpuid                       ; trap
    xor di, trap_flag           ; trap
    push di                     ; trap
    popf                        ; trap; TF is clear again
    nop
    cmp word [steps], 9
    must e

    jmp all_passed

count_handler:
    inc word [cs:steps]
    iret

undefined_handler:
    mov byte [cs:fault_vector], invalid_opcode
    jmp skip_instruction

protection_handler:
    mov byte [cs:fault_vector], general_protection
skip_instruction:
    push bp
    mov bp, sp
    push ax
    mov ax, [bp + 2]
    mov [cs:fault_ip], ax
    mov ax, [cs:resume_at]
    mov [bp + 2], ax
    pop ax
    pop bp
    iret

%include "checks.inc"
%include "print.inc"

align 2
fault_ip:       dw 0
resume_at:      dw 0
stack_before:   dw 0
steps:          dw 0
fault_vector:   db 0xff
