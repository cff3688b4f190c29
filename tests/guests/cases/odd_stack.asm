; SPDX-License-Identifier: GPL-2.0-only
;
; A word pushed at SP = 1 is #SS, which can't be delivered there either: the CPU shuts down.
%define options "end=shutdown;emulated=its emulator delivers the #SS"
%include "case.inc"

    mov sp, 1
    push ax
    exit 1
