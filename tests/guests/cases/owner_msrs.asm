; SPDX-License-Identifier: GPL-2.0-only
;
; KVM_GET_MSRS and KVM_SET_MSRS against RDMSR and WRMSR.
%include "case.inc"

entry   equ 0x2000              ; index, reserved, value

    check 1
    mov ecx, 0x175
    mov eax, 0x13572468
    xor edx, edx
    wrmsr
    mov dword [entry], 0x175
    mov dword [entry + 4], 0
    must_order order_get_msr, entry
    must_be dword [entry + 8], 0x13572468
    must_be dword [entry + 12], 0

    check 2
    mov dword [entry + 8], 0x24681357
    must_order order_set_msr, entry
    mov ecx, 0x175
    rdmsr
    must_be eax, 0x24681357

    check 3                     ; PAT, EFER
    mov dword [entry], 0x277
    must_order order_get_msr, entry
    must_be dword [entry + 8], 0x00070406
    mov dword [entry], 0xc0000080
    must_order order_get_msr, entry
    must_be dword [entry + 8], 0

    check 4                     ; none: the call says how many it did
    mov dword [entry], 0x12345678
    order order_get_msr, entry
    in eax, order_port
    must_be eax, 2              ; ENOENT, by the owner

    jmp all_passed
