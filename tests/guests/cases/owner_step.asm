; SPDX-License-Identifier: GPL-2.0-only
;
; The owner single-steps the guest: every instruction is one exit, also those that a hypervisor
; does.
%define options "needs=debug;kvm-bochs2.7=some of the traps that KVM handles come twice"
%include "case.inc"

    check 1
    order order_step, 1
    nop
    mov bx, 1
    cpuid
    mov eax, cr0
    push ax
    pop ax
    jmp .target
    nop
.target:
    mov bx, 2
    order order_step, 0
    nop
    pushf                       ; TF is not the guest's
    pop ax
    test ax, flag_trap
    must z

    jmp all_passed
