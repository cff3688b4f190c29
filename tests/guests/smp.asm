; SPDX-License-Identifier: GPL-2.0-only
;
; Three CPUs start each other, pass a turn around, count under a spinlock, interrupt each other, and
; one INITs itself again and again. Run with --vcpus 3; a CPU that is lost shows as a time-out.

%include "guest.inc"
%include "apic_msr.inc"

cpus            equ 3
rounds          equ 200
start_page      equ 9
all_but_self    equ 0xc0000
init            equ 0x4500
startup         equ 0x4600 + start_page

    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, load_address
    mov word [4 * 0x41], on_41
    mov word [4 * 0x41 + 2], 0
    mov word [4 * 2], on_nmi
    mov word [4 * 2 + 2], 0
    mov byte [start_page << 12], 0xea           ; JMP 0:ap
    mov word [(start_page << 12) + 1], ap
    mov word [(start_page << 12) + 3], 0
    x2apic_mode
    write_msr x2apic(apic_svr), 0x1ff

    check 1                     ; a start-up IPI without INIT is dropped
    write_msr x2apic(apic_icr), all_but_self | startup
    call pause_a_while
    cmp dword [started], 0
    must e

    check 2                     ; INIT, two start-up IPIs: each starts once
    write_msr x2apic(apic_icr), all_but_self | init
    write_msr x2apic(apic_icr), all_but_self | startup
    write_msr x2apic(apic_icr), all_but_self | startup
.wait_started:
    pause
    cmp dword [started], cpus - 1
    jb .wait_started
    call pause_a_while
    cmp dword [started], cpus - 1
    must e

    check 3                     ; the turn goes around, and the lock holds
    xor esi, esi
    call play
.wait_played:
    pause
    cmp dword [played], cpus
    jb .wait_played
    cmp dword [total], cpus * rounds
    must e

    check 4                     ; a fixed interrupt ends their HLT
.wait_halting:
    pause
    cmp dword [halting], cpus - 1
    jb .wait_halting
    write_msr x2apic(apic_icr), all_but_self | 0x4041
.wait_41:
    pause
    cmp dword [seen_41], cpus - 1
    jb .wait_41

    check 5                     ; an NMI does too
    write_msr x2apic(apic_icr), all_but_self | 0x4400
.wait_nmi:
    pause
    cmp dword [seen_nmi], cpus - 1
    jb .wait_nmi

    check 6                     ; to running CPUs: dropped
    write_msr x2apic(apic_icr), all_but_self | startup
    write_msr x2apic(apic_icr), all_but_self | 0x8500   ; level de-assert: ignored
    call pause_a_while
    cmp dword [started], cpus - 1
    must e

    check 7                     ; CPU 1 is halted; from now on whoever starts INITs itself
    mov dword [started], 0
    mov byte [inits_itself], 1
    write_msr x2apic(apic_icr), init, 1
    mov edi, 1
.again:
    write_msr x2apic(apic_icr), startup, 1
.wait_again:
    pause
    cmp [started], edi
    jb .wait_again
    inc edi
    ; Until it has stopped itself, a start-up IPI would be dropped.
    call pause_a_while
    cmp edi, 50
    jbe .again
    call pause_a_while
    cmp dword [started], 50
    must e

    check 8                     ; an NMI that comes while it waits is held
    mov byte [inits_itself], 0
    mov dword [seen_nmi], 0
    write_msr x2apic(apic_icr), 0x4400, 1
    call pause_a_while
    cmp dword [seen_nmi], 0
    must e
    write_msr x2apic(apic_icr), startup, 1
.wait_held:
    pause
    cmp dword [seen_nmi], 1
    jb .wait_held
    jmp all_passed

pause_a_while:
    mov ecx, 5000
.loop:
    pause
    loop .loop
    ret

; The others begin here, at 0900:0000 and by the jump there.
ap:
    mov [cs:first_edx], edx
    xor ax, ax
    mov ds, ax
    mov ss, ax
    x2apic_mode
    write_msr x2apic(apic_svr), 0x1ff
    mov ecx, x2apic(0x20)
    rdmsr
    mov esi, eax
    shl ax, 8
    mov sp, 0x7000
    sub sp, ax
    lock inc dword [started]
    cmp byte [inits_itself], 0
    je .play
    write_msr x2apic(apic_icr), init | 0x40000
.not_reached:
    hlt
    jmp .not_reached
.play:
    cmp dword [played], cpus
    jae .halt
    call play
.halt:
    lock inc dword [halting]
    sti
.halted:
    hlt
    jmp .halted

; ESI: the CPU's number.
play:
    mov ebp, rounds
.round:
    pause
    cmp [turn], esi
    jne .round
    lea eax, [esi + 1]
    cmp eax, cpus
    jb .next
    xor eax, eax
.next:
    mov [turn], eax
.lock:
    mov al, 1
    xchg [lock_byte], al
    test al, al
    jz .locked
    pause
    jmp .lock
.locked:
    mov eax, [total]            ; apart, so that only the lock keeps it whole
    pause
    inc eax
    mov [total], eax
    mov byte [lock_byte], 0
    dec ebp
    jnz .round
    lock inc dword [played]
    ret

on_41:
    pushad
    lock inc dword [cs:seen_41]
    write_msr x2apic(apic_eoi), 0
    popad
    iret

on_nmi:
    lock inc dword [cs:seen_nmi]
    iret

align 4
started:        dd 0
turn:           dd 0
total:          dd 0
played:         dd 0
halting:        dd 0
seen_41:        dd 0
seen_nmi:       dd 0
first_edx:      dd 0
lock_byte:      db 0
inits_itself:   db 0

%include "print.inc"
%include "checks.inc"
