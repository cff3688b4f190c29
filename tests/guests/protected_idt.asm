; SPDX-License-Identifier: GPL-2.0-only
;
; protected.asm with an interrupt in protected mode.
%define with_interrupts
%include "protected.asm"
