; SPDX-License-Identifier: GPL-2.0-only
;
; A signal ends KVM_RUN with EINTR while the guest spins; it goes on as if nothing had been. IF is
; set: Bochs gives KVM no way to stop a guest otherwise.
%include "case.inc"

    check 1
    order order_signal, flag
    sti
    mov ebx, 0x12345678
    xor esi, esi
.spin:
    inc esi
    cmp byte [flag], 0
    je .spin
    cli
    cmp esi, 100
    must a
    must_be ebx, 0x12345678
    must_be sp, load_address

    jmp all_passed

flag:   db 0
