; SPDX-License-Identifier: GPL-2.0-only
;
; #NM by EM and TS, WAIT with MP, #MF with CR0.NE at the next x87 instruction.
%define options "emulated=its emulator has few x87 and SSE instructions"
%include "case.inc"

    check 1                     ; EM
    mov eax, cr0_et | cr0_ne | cr0_em
    mov cr0, eax
    must_fault device_not_available, fninit
    must_fault device_not_available, fld1
    wait

    check 2                     ; TS, with and without MP
    mov eax, cr0_et | cr0_ne | cr0_ts
    mov cr0, eax
    must_fault device_not_available, fld1
    wait
    mov eax, cr0_et | cr0_ne | cr0_ts | cr0_mp
    mov cr0, eax
    must_fault device_not_available, wait
    clts
    wait
    fninit

    check 3                     ; an unmasked division by zero
    mov word [control], 0x37b
    fldcw [control]
    fld1
    fldz
    fdivp st1
    must_fault math_fault, wait
    must_fault math_fault, fld1
    fnstsw ax                   ; no-wait forms do not look
    test al, 0x84
    must nz
    fnclex
    fld1
    fninit

    check 4                     ; unmasking a flag that is set
    fld1
    fldz
    fdivp st1
    fldcw [control]
    must_fault math_fault, wait
    fnclex
    fninit

    jmp all_passed

align 2
control:    dw 0
