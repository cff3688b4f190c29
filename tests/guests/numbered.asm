; SPDX-License-Identifier: GPL-2.0-only
;
; Numbered exits for the tests of the trace: CPUID with its number in ECX and a mix of it in EDX, so
; that a record which is not whole shows. How many is in the last four bytes of the image.
%include "guest.inc"

number_mix      equ 0x9e3779b1  ; NUMBER_MIX of trace_reader

    cli
    xor ebp, ebp
next:
    inc ebp
    mov ecx, ebp
    imul edx, ebp, number_mix
    xor eax, eax
cpu 586
    cpuid
    cmp ebp, [cs:count]
    jne next
    hlt

count: dd 100
