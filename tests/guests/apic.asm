; SPDX-License-Identifier: GPL-2.0-only
;
; The local APIC of one CPU, first by memory, then by MSRs: interrupts to itself, priorities, the
; timer in its three modes, errors. Run with --apic.

%include "guest.inc"
%include "apic_msr.inc"

%macro write_page 2
    mov dword [gs:ebx + %1], %2
%endmacro

    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, load_address
    mov word [4 * 0x41], on_41
    mov word [4 * 0x41 + 2], 0
    mov word [4 * 0x42], on_42
    mov word [4 * 0x42 + 2], 0
    mov word [4 * 2], on_nmi
    mov word [4 * 2 + 2], 0
    mov word [4 * 13], on_gp
    mov word [4 * 13 + 2], 0
    call big_gs
    mov ebx, apic_page

    check 1                     ; who am I
    mov eax, [gs:ebx + 0x30]
    cmp al, 0x14
    must e
    cmp dword [gs:ebx + 0x20], 0
    must e
    write_page apic_svr, 0x1ff
    cmp dword [gs:ebx + apic_svr], 0x1ff
    must e

    check 2                     ; to itself, held while IF is 0
    cli
    write_page apic_icr, 0x40041
    cmp dword [gs:ebx + 0x220], 2
    must e
    cmp word [count_41], 0
    must e
    sti
    nop
    cmp word [count_41], 1
    must e
    cmp dword [gs:ebx + 0x120], 0
    must e

    check 3                     ; held by the TPR, let through by it
    write_page 0x80, 0x50
    write_page apic_icr, 0x40041
    nop
    cmp word [count_41], 1
    must e
    write_page 0x80, 0
    nop
    cmp word [count_41], 2
    must e

    check 4                     ; one shot
    write_page apic_divide, 0xb
    write_page apic_lvt_timer, 0x42
    cli
    write_page apic_initial, 20000
    sti
    hlt
    cmp word [count_42], 1
    must e

    check 5                     ; periodic
    write_page apic_lvt_timer, 0x20042
    write_page apic_initial, 50000
.periods:
    hlt
    cmp word [count_42], 4
    jb .periods
    write_page apic_initial, 0

    check 6                     ; TSC deadline
    write_page apic_lvt_timer, 0x40042
    mov word [count_42], 0
    cli
    rdtsc
    add eax, 30000
    adc edx, 0
    mov ecx, tsc_deadline
    wrmsr
    sti
    hlt
    cmp word [count_42], 1
    must e
    mov ecx, tsc_deadline
    rdmsr
    or eax, edx
    must z

    check 7                     ; NMI to its own ID
    write_page apic_icr_high, 0
    write_page apic_icr, 0x4400
    nop
    cmp word [count_nmi], 1
    must e

    check 8                     ; a vector that can't be sent
    write_page apic_icr, 0x40005
    write_page apic_esr, 0
    cmp dword [gs:ebx + apic_esr], 0x20
    must e

    check 20                    ; what is computed when it is read: PPR, current count
    write_page 0x80, 0x30
    cmp dword [gs:ebx + 0xa0], 0x30
    must e
    write_page 0x80, 0
    write_page apic_lvt_timer, 0x10042
    write_page apic_initial, 0xffffffff
    mov ecx, [gs:ebx + apic_current]
    test ecx, ecx
    must nz
    cmp [gs:ebx + apic_current], ecx
    must b
    write_page apic_initial, 0
    cmp dword [gs:ebx + apic_current], 0
    must e

    check 9                     ; by MSRs from here on
    x2apic_mode
    mov byte [is_x2apic], 1
    mov ecx, x2apic(0x20)
    rdmsr
    test eax, eax
    must z
    mov ecx, x2apic(0xd0)
    rdmsr
    cmp eax, 1
    must e

    check 10
    write_msr x2apic(0x3f0), 0x41
    nop
    cmp word [count_41], 3
    must e

    check 11                    ; EOI takes 0 alone; there is no DFR
    write_msr x2apic(apic_eoi), 1
    cmp word [count_gp], 1
    must e
    write_msr x2apic(0xe0), 0
    cmp word [count_gp], 2
    must e

    check 12
    mov word [count_42], 0
    write_msr x2apic(apic_lvt_timer), 0x42
    cli
    write_msr x2apic(apic_initial), 20000
    sti
    hlt
    cmp word [count_42], 1
    must e
    mov ecx, x2apic(0x390)
    rdmsr
    test eax, eax
    must z
    jmp all_passed

on_41:
    inc word [cs:count_41]
    jmp end_of_interrupt
on_42:
    inc word [cs:count_42]
end_of_interrupt:
    pushad
    cmp byte [cs:is_x2apic], 0
    jne .msr
    mov ebx, apic_page
    mov dword [gs:ebx + apic_eoi], 0
    popad
    iret
.msr:
    write_msr x2apic(apic_eoi), 0
    popad
    iret

on_nmi:
    inc word [cs:count_nmi]
    iret

on_gp:                          ; of WRMSR, which has two bytes
    inc word [cs:count_gp]
    push bp
    mov bp, sp
    add word [bp + 2], 2
    pop bp
    iret

count_41:       dw 0
count_42:       dw 0
count_nmi:      dw 0
count_gp:       dw 0
is_x2apic:      db 0

%include "unreal.inc"
%include "print.inc"
%include "checks.inc"
