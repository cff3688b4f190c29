; SPDX-License-Identifier: GPL-2.0-only
;
; HLT with interrupts off and nobody to wake it ends the run as a halt, behind the instruction.
%define options "end=halt"
%include "case.inc"

    check 1
    hlt
    exit 1
