; SPDX-License-Identifier: GPL-2.0-only
;
; KVM_GET_DEBUGREGS and KVM_SET_DEBUGREGS: DR0 to DR3, DR6, DR7 of the guest.
%define options "needs=debugregs"
%include "case.inc"

debug_at    equ 0x2000          ; db[4], dr6, dr7, flags, reserved[9]

    check 1
    mov eax, 0x11111111
    mov dr0, eax
    mov eax, 0x44444444
    mov dr3, eax
    must_order order_get_debug, debug_at
    must_be dword [debug_at], 0x11111111
    must_be dword [debug_at + 24], 0x44444444
    must_be dword [debug_at + 32], 0xffff0ff0
    must_be dword [debug_at + 40], 0x400

    check 2
    mov dword [debug_at + 8], 0x22222222
    must_order order_set_debug, debug_at
    mov eax, dr1
    must_be eax, 0x22222222
    mov eax, dr3
    must_be eax, 0x44444444

    check 3                     ; an upper half in DR7
    mov dword [debug_at + 44], 1
    order order_set_debug, debug_at
    in eax, order_port
    must_be eax, 22             ; EINVAL

    jmp all_passed
