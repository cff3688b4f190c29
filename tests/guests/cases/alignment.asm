; SPDX-License-Identifier: GPL-2.0-only
;
; #AC: at CPL 3 with CR0.AM and EFLAGS.AC, and only then.
%define options "emulated=its emulator has no IRET in protected mode"
%include "case.inc"
%include "modes.inc"

    real_to_protected32
    load_tss32
    mov [kernel_stack], esp
    set_idt32 0x30, back, interrupt_gate32 | dpl3
    mov eax, cr0
    or eax, cr0_am
    mov cr0, eax
    check 1                     ; not at CPL 0
    push dword flag_ac | 2
    popfd
    mov eax, [scratch + 1]
    push dword 2
    popfd
    go_user32 user
user:
    check 2                     ; not without AC
    mov eax, [scratch + 1]
    push dword flag_ac | flag_iopl | 2
    popfd
    must_fault_code alignment_check, 0, mov eax, [scratch + 1]
    must_fault_code alignment_check, 0, mov ax, [scratch + 3]
    mov ax, [scratch + 2]
    mov al, [scratch + 3]
    int 0x30
    fail
back:
    mov ax, data32
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov esp, [kernel_stack]
    protected32_to_real
    mov eax, cr0_et
    mov cr0, eax

    jmp all_passed

align 4
scratch:        dd 0, 0
kernel_stack:   dd 0
