; SPDX-License-Identifier: GPL-2.0-only
;
; Prints over the debug port E9h and over the UART, then halts.
%include "guest.inc"

    cli
    cld
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address

    in al, debug_port           ; the port answers with its own number
    cmp al, debug_port
    jne no_debug_port
    mov si, debug_text
    call print_debug

    mov dx, uart_scratch        ; a UART is there if its scratch register keeps a value
    mov al, 0x5a
    out dx, al
    in al, dx
    cmp al, 0x5a
    jne no_uart
    mov si, uart_text
    call print_uart
    hlt
    exit 3                      ; HLT must not come back

no_debug_port:
    exit 1
no_uart:
    exit 2

%include "print.inc"

debug_text: db "hello from real mode, by port E9h", 10, 0
uart_text:  db "hello from real mode, by the UART", 10, 0
