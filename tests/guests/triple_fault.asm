; SPDX-License-Identifier: GPL-2.0-only
;
; A triple fault: the IDT is empty, so that neither #UD nor #DF can be delivered.
%include "guest.inc"

    cli
    xor ax, ax
    mov ds, ax
    lidt [empty_idtr]
    ud2

align 2
empty_idtr: dw 0
            dd 0
