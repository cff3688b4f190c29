; SPDX-License-Identifier: GPL-2.0-only
;
; TF over instructions that a hypervisor does for the guest, and over jumps; DR6.BS.
%define options "emulated=its emulator has no single step"
%include "case.inc"

    set_vector debug_exception, handler
    check 1                     ; DR6 says single step
    pushf
    or word [esp], flag_trap
    popf
    nop                         ; the trap comes after it; the handler clears TF
after_nop:
    nop
    must_be word [count], 1
    must_be dword [status], 0xffff4ff0
    must_be word [seen_ip], after_nop

    check 2                     ; OUT, IN, CPUID, RDMSR, MOV CR: a trap right behind each
%macro stepped 1+
    pushf
    or word [esp], flag_trap
    popf
    %1
%%behind:
    nop
    must_be word [seen_ip], %%behind
%endmacro
    stepped out post_port, al
    stepped in al, post_port
    xor eax, eax
    stepped cpuid
    mov ecx, 0x174
    stepped rdmsr
    xor eax, eax
    xor edx, edx
    stepped wrmsr
    mov eax, cr0
    stepped mov cr0, eax
    xor eax, eax
    stepped mov cr4, eax
    stepped smsw ax
    stepped wbinvd
    must_be word [count], 10

    check 3                     ; a jump: the saved IP is its target
    pushf
    or word [esp], flag_trap
    popf
    jmp .target
    nop
.target:
    nop
    must_be word [seen_ip], .target

    jmp all_passed

handler:
    push bp
    mov bp, sp
    push eax
    inc word [count]
    mov eax, dr6
    mov [status], eax
    mov eax, 0xffff0ff0
    mov dr6, eax
    mov ax, [bp + 2]
    mov [seen_ip], ax
    and word [bp + 6], ~flag_trap
    pop eax
    pop bp
    iret

align 4
status:     dd 0
count:      dw 0
seen_ip:    dw 0
