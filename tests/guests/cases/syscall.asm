; SPDX-License-Identifier: GPL-2.0-only
;
; SYSCALL, SYSRET and SWAPGS in 64-bit mode; #UD without EFER.SCE.
%define options "emulated=it gives other exceptions with paging on"
%include "case.inc"
%include "modes.inc"

msr_star    equ 0xc0000081
msr_lstar   equ 0xc0000082
msr_fmask   equ 0xc0000084
msr_gs_base equ 0xc0000101
msr_kernel_gs_base equ 0xc0000102

%macro write_msr 3
    mov ecx, %1
    mov eax, %2
    mov edx, %3
    wrmsr
%endmacro

    real_to_long
    load_tss64
    check 1
    must_fault invalid_opcode, syscall
    change_efer efer_sce, 0
    write_msr msr_star, 0, (user_code32 << 16) | code64
    write_msr msr_lstar, system_call, 0
    write_msr msr_fmask, flag_direction | flag_carry, 0

    check 2                     ; SYSCALL from CPL 0 goes there as well
    mov rsi, rsp
    stc
    std
    syscall
after_syscall:
    fail

system_call:
    must nc
    must_be rcx, after_syscall
    test r11d, flag_carry
    must nz
    test r11d, flag_direction
    must nz
    pushfq
    pop rax
    test eax, flag_direction
    must z
    mov eax, cs
    must_be eax, code64
    mov eax, ss
    must_be eax, code64 + 8
    must_be rsp, rsi

    check 3                     ; SYSRET to CPL 3, and back by SYSCALL
    write_msr msr_lstar, from_user, 0
    mov rcx, user
    mov r11d, flag_iopl | 2
    o64 sysret
user:
    mov eax, cs
    and eax, 3
    must_be eax, 3
    must_be rsp, rsi
    must_fault_code general_protection, 0, swapgs
    syscall
    fail
from_user:
    mov eax, cs
    must_be eax, code64

    check 4                     ; SWAPGS
    write_msr msr_gs_base, 0x1000, 0
    write_msr msr_kernel_gs_base, 0x20000, 0
    swapgs
    mov dword [gs:dword 8], 0x55aa55aa
    must_be dword [dword 0x20008], 0x55aa55aa
    mov ecx, msr_gs_base
    rdmsr
    must_be eax, 0x20000
    mov ecx, msr_kernel_gs_base
    rdmsr
    must_be eax, 0x1000
    swapgs
    mov ax, data32
    mov ss, ax
    change_efer 0, efer_sce
    long_to_real

    jmp all_passed
