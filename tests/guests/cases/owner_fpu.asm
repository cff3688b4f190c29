; SPDX-License-Identifier: GPL-2.0-only
;
; KVM_GET_FPU and KVM_SET_FPU see the guest's FPU and nobody else's.
%define options "emulated=its emulator has few x87 and SSE instructions"
%include "case.inc"

fpu_at      equ 0x2000          ; struct kvm_fpu: 8 x 16 ST, FCW at 128, 16 x 16 XMM at 152

    mov eax, cr4_osfxsr
    mov cr4, eax
    mov eax, cr0_et | cr0_ne
    mov cr0, eax
    fninit
    check 1
    fld1
    movups xmm5, [pattern]
    must_order order_get_fpu, fpu_at
    must_be word [fpu_at + 128], 0x37f
    must_be word [fpu_at + 8], 0x3fff           ; 1.0
    must_be dword [fpu_at + 4], 0x80000000
    must_be dword [fpu_at + 152 + 5 * 16], 0x33221100
    check 2
    mov dword [fpu_at + 152 + 6 * 16], 0xcafef00d
    mov word [fpu_at + 128], 0xf7f              ; round toward zero
    must_order order_set_fpu, fpu_at
    movd eax, xmm6
    must_be eax, 0xcafef00d
    fnstcw [scratch]
    must_be word [scratch], 0xf7f
    movd eax, xmm5
    must_be eax, 0x33221100

    jmp all_passed

align 16
pattern:    dd 0x33221100, 0x77665544, 0xbbaa9988, 0xffeeddcc
scratch:    dd 0
