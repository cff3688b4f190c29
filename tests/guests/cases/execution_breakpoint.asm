; SPDX-License-Identifier: GPL-2.0-only
;
; The guest's own breakpoint on execution: a fault, which RF in the flags of an IRET holds back
; once.
%define options "bochs=with several CPUs it never gets past one, without rmvisor too"
%include "case.inc"

%define dr7_enable(number, type, length) \
    (0x400 | (2 << ((number) * 2)) | (((type) | ((length) << 2)) << (16 + (number) * 4)))
on_execution    equ 0

%macro clear_dr6 0
    mov eax, 0xffff0ff0
    mov dr6, eax
%endmacro

    check 1                     ; execution
    mov eax, target
    mov dr0, eax
    mov eax, dr7_enable(0, on_execution, 0)
    mov dr7, eax
    mov byte [fault_unexpected], 0
    mov word [resume_at], after_target
target:
    nop
    fail
after_target:
    mov byte [fault_unexpected], 1
    must_be dword [fault_ip], target
    mov eax, dr6
    must_be eax, 0xffff0ff1
    clear_dr6

    check 2                     ; RF, set by the handler's 32-bit IRET, lets it pass once
    mov eax, pass_once
    mov dr0, eax
    push dword 2 | flag_resume
    push dword 0
    push dword pass_once
    o32 iret
pass_once:
    nop
    mov eax, dr6
    must_be eax, 0xffff0ff0

    mov eax, 0x400
    mov dr7, eax

    jmp all_passed
