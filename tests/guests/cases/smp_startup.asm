; SPDX-License-Identifier: GPL-2.0-only
;
; INIT and SIPI start the other vCPUs in the state of the SDM's table; a SIPI to one that runs is
; dropped; an IPI and an NMI reach it; INIT stops it and another SIPI starts it again.
%define options "vcpus=3;apic=yes;needs=irqchip;emulated=its emulator has no exceptions in protected mode"
%include "case.inc"
%include "modes.inc"
%include "apic.inc"

ap_page     equ 0xb000
ap_stack    equ 0x4000

%macro to_ap 2                  ; which, ICR
    write_apic apic_icr_high, (%1) << 24
    write_apic apic_icr, %2
%endmacro

; As wait_for_count, with exits on the way: in Bochs interrupts of the host's wait while a guest runs
; with IF = 0, and a vCPU that starts may need an answer from the host's side of this one.
%macro wait_with_exits 2
    mov dword [tries], 100000
%%wait:
    cmp word [%1], %2
    jae short %%done
    pushad
    xor eax, eax
    cpuid
    popad
    dec dword [tries]
    jnz short %%wait
    stc
%%done:
%endmacro

    mov byte [ap_page], 0xea    ; JMP FAR to here
    mov word [ap_page + 1], ap_start
    mov word [ap_page + 3], 0
    set_vector 0x41, ap_interrupt
    set_vector nmi_vector, ap_nmi
    real_to_protected32
    write_apic apic_svr, svr_enabled

    check 1                     ; nobody runs yet; a SIPI starts only who has had an INIT
    mov ecx, 100000
.early:
    dec ecx
    jnz .early
    must_be word [arrived], 0

    check 2                     ; both
    write_apic apic_icr, icr_init | to_others
    write_apic apic_icr, icr_startup | to_others | (ap_page >> 12)
    wait_with_exits arrived, 2
    must nc
    must_be word [bad], 0

    check 3                     ; one more SIPI is dropped
    write_apic apic_icr, icr_startup | to_others | (ap_page >> 12)
    mov ecx, 300000
.dropped:
    dec ecx
    jnz .dropped
    must_be word [arrived], 2

    check 4                     ; an interrupt and an NMI to vCPU 1, which spins
    to_ap 1, icr_fixed | 0x41
    wait_with_exits interrupts, 1
    must nc
    to_ap 1, icr_nmi
    wait_with_exits nmis, 1
    must nc
    must_be word [wrong_receiver], 0

    check 5                     ; INIT to vCPU 2, which halts; then SIPI
    to_ap 2, icr_init
    to_ap 2, icr_startup | (ap_page >> 12)
    wait_with_exits arrived, 3
    must nc
    must_be word [bad], 0
    protected32_to_real
    jmp all_passed

; In real mode, as the SDM's table says for INIT.
ap_start:
    mov [cs:first_edx], edx
    mov eax, cr0
    and eax, ~(cr0_cd | cr0_nw)
    cmp eax, cr0_et
    jne .is_bad
    cmp dword [first_edx], 0
    je .is_bad
    or ebx, ecx
    or ebx, esi
    or ebx, edi
    or ebx, ebp
    or ebx, esp
    jnz .is_bad
    mov ax, ds
    mov bx, ss
    or ax, bx
    jnz .is_bad
    mov eax, cr4
    test eax, eax
    jz .is_good
.is_bad:
    lock inc word [cs:bad]
.is_good:
    mov sp, ap_stack
    mov eax, 1                  ; its APIC id
    cpuid
    shr ebx, 24
    mov si, bx
    shl bx, 8
    add sp, bx
    call enable_apic
    lock inc word [arrived]
    cmp si, 1
    jne .halt
    sti
.spin:
    pause
    jmp .spin
.halt:
    sti
    hlt
    jmp .halt

; SVR, through a segment with a limit of 4 GiB that stays from protected mode.
enable_apic:
    cli
    lgdt [gdt_register]
    mov eax, cr0
    or al, cr0_pe
    mov cr0, eax
    jmp short .protected
.protected:
    mov bx, data32
    mov fs, bx
    and al, ~cr0_pe
    mov cr0, eax
    jmp 0:.real
.real:
    mov ebx, apic_address + apic_svr
    mov dword [fs:ebx], svr_enabled
    ret

ap_interrupt:
    cmp si, 1
    je .right
    inc word [wrong_receiver]
.right:
    inc word [interrupts]
    iret
ap_nmi:
    inc word [nmis]
    iret

align 4
first_edx:      dd 0
tries:          dd 0
arrived:        dw 0
bad:            dw 0
interrupts:     dw 0
nmis:           dw 0
wrong_receiver: dw 0
