; SPDX-License-Identifier: GPL-2.0-only
;
; Spins for ever with interrupts off: only a time-out or a signal ends it.
%include "guest.inc"

    cli
    mov si, text
    xor ax, ax
    mov ds, ax
    cld
    call print_debug
    jmp $

%include "print.inc"

text: db "spinning", 10, 0
