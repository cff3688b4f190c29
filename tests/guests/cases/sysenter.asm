; SPDX-License-Identifier: GPL-2.0-only
;
; SYSENTER and SYSEXIT in 32-bit protected mode; #GP in real mode and without a target.
%define options "emulated=its emulator has no IRET in protected mode"
%include "case.inc"
%include "modes.inc"

    check 1
    must_fault general_protection, sysenter
    real_to_protected32
    load_tss32
    must_fault_code general_protection, 0, sysenter     ; IA32_SYSENTER_CS is 0

    check 2                     ; its descriptors are fixed: code at CS, data at CS + 8, then CPL 3
    mov [kernel_stack], esp
    mov ecx, 0x174
    mov eax, code32
    xor edx, edx
    wrmsr
    inc ecx
    mov eax, 0x6800
    wrmsr
    inc ecx
    mov eax, enter
    wrmsr
    go_user32 user
user:
    sysenter
    fail
entered:
    must_be esp, 0x6800
    mov eax, cs
    must_be eax, code32
    mov eax, ss
    must_be eax, data32
    mov ax, data32
    mov ds, ax
    mov es, ax

    check 3                     ; SYSEXIT: CS + 16, SS = CS + 24, and CPL 3
    mov edx, exited
    mov ecx, 0x4800
    sysexit
exited:
    mov eax, cs
    must_be eax, code32 + 16 + 3
    mov eax, ss
    must_be eax, code32 + 24 + 3
    must_be esp, 0x4800
    mov ebx, 0x11223344
    mov dword [on_entry], back
    sysenter
    fail
back:
    must_be ebx, 0x11223344
    mov ax, data32
    mov ss, ax
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov esp, [kernel_stack]
    protected32_to_real
    jmp all_passed

bits 32
enter:
    jmp [cs:on_entry]

align 4
on_entry:       dd entered
kernel_stack:   dd 0
