; SPDX-License-Identifier: GPL-2.0-only
;
; The owner's own breakpoint, and the guest's debug registers that it does not touch.
%define options "needs=debug;emulated=its emulator keeps INT3 from the owner"
%include "case.inc"

    check 1
    mov eax, 0x12345678
    mov dr0, eax
    order order_breakpoint, target
    mov bx, 0
target:
    inc bx
    must_be bx, 1
    mov eax, dr0
    must_be eax, 0x12345678
    mov eax, dr7
    must_be eax, 0x400
    mov eax, dr6
    must_be eax, 0xffff0ff0

    check 2                     ; INT3 as the owner's
    order order_software_breakpoints, 1
    int3
    order order_software_breakpoints, 0
    must_trap breakpoint, int3

    jmp all_passed
