; SPDX-License-Identifier: GPL-2.0-only
;
; What one vCPU with a local APIC does to another, and its timer to itself. The APICs are in x2APIC mode;
; assembled with XAPIC they are in xAPIC mode, and their page is reached by GS.

%include "apic_msr.inc"
%include "measure.inc"

bits 16
org 0x7c00

arrived         equ 0x6010      ; word: the other vCPU counts here what reaches it
last            equ 0x6018
timer_counts    equ 0x601c      ; dword from the owner: `timer_ticks` of the TSC (smp_bench.cpp)
other_halts     equ 0x6014      ; word: it waits by HLT, else in a loop
gap             equ 0x6020      ; dword: from the last reading of the TSC to the timer's handler
start_page      equ 9

ipi_vector      equ 0x40
timer_vector    equ 0x41
init            equ 0x4500
startup         equ 0x4600 + start_page
fixed           equ 0x4000 + ipi_vector
watched_ticks   equ 40000

%ifdef XAPIC
%macro enable_apic 0
    call big_gs
    write_apic apic_svr, 0x1ff
%endmacro
; Register %1 = %2. EAX changes.
%macro write_apic 2
    mov eax, %2
    mov [gs:dword apic_page + %1], eax
%endmacro
%macro send_ipi 2 ; command, to
    write_apic apic_icr_high, %2 << 24
    write_apic apic_icr, %1
%endmacro
%else
%macro enable_apic 0
    x2apic_mode
    write_apic apic_svr, 0x1ff
%endmacro
; EAX, ECX, EDX change.
%macro write_apic 2
    write_msr x2apic(%1), %2
%endmacro
%macro send_ipi 2
    write_msr x2apic(apic_icr), %1, %2
%endmacro
%endif

%macro wait_for 1 ; value of `arrived`, or more
%%again:
    cmp word [arrived], %1
    jb %%again
%endmacro

start:
    set_up
    mov word [ipi_vector * 4], on_ipi
    mov word [ipi_vector * 4 + 2], 0
    push bx
    enable_apic
    pop bx
    sti                         ; else nested KVM is out of its host's reach while this waits
    shl bx, 1
    jmp [routines + bx]

routines: dw do_startup, do_busy, do_halted, do_timer, do_timer_handler

; INIT and SIPI, to the first instruction: the sample begins before the INIT.
do_startup:
.again:
    mov word [arrived], 0
    begin
    send_ipi init, 1
    send_ipi startup, 1
    wait_for 1
    end
    wait_for 2
    call pause_a_while
    dec ebp
    jnz .again
    jmp done

do_halted:
    mov word [other_halts], 1
do_busy:
    mov word [arrived], 0
    send_ipi init, 1
    send_ipi startup, 1
    wait_for 2
.again:
    call pause_a_while
    begin
    send_ipi fixed, 1
    wait_for 3
    end
    mov word [arrived], 2
    dec ebp
    jnz .again
    jmp done

; The longest gap between two readings of the TSC while the timer runs out. Its interrupt comes
; afterwards: while it is pending the timer has no reason to make the guest exit.
do_timer:
    cli
    mov word [timer_vector * 4], on_ipi
    call start_timer
.again:
    xor ebx, ebx
    write_apic apic_initial, [timer_counts]
    rdtsc
    mov esi, eax
    mov [last], eax
.watch:
    rdtsc
    mov ecx, eax
    sub ecx, [last]
    mov [last], eax
    cmp ecx, ebx
    jbe .short
    mov ebx, ecx
.short:
    sub eax, esi
    cmp eax, watched_ticks
    jb .watch
    mov eax, ebx
    stosd
    sti
    nop
    nop
    cli
    dec ebp
    jnz .again
    jmp done

; The gap from the last reading of the TSC before the timer's interrupt to its handler's first.
do_timer_handler:
    mov word [timer_vector * 4], on_timer
    call start_timer
.again:
    mov word [arrived], 0
    write_apic apic_initial, [timer_counts]
.watch:
    rdtsc
    mov [last], eax
    cmp word [arrived], 0
    je .watch
    mov eax, [gap]
    stosd
    dec ebp
    jnz .again
    jmp done

start_timer:
    mov word [timer_vector * 4 + 2], 0
    write_apic apic_divide, 0xb
    write_apic apic_lvt_timer, timer_vector
    ret

pause_a_while:
    mov ecx, 2000
.loop:
    pause
    loop .loop
    ret

%ifdef XAPIC
%include "unreal.inc"
%endif

done:
    out done_port, al
    hlt
    jmp done

on_timer:
    push eax
    push ecx
    push edx
    rdtsc
    sub eax, [last]
    mov [gap], eax
    jmp on_ipi.count

on_ipi:
    push eax
    push ecx
    push edx
.count:
    inc word [arrived]
    write_apic apic_eoi, 0
    pop edx
    pop ecx
    pop eax
    iret

; The other vCPU begins here, at 0900:0000.
times (start_page << 12) - 0x7c00 - ($ - $$) db 0
other:
    mov word [arrived], 1       ; the first instruction; DS is 0
    jmp 0:.go
.go:
    xor ax, ax
    mov ss, ax
    mov sp, 0x6f00
    enable_apic
    mov word [arrived], 2
    sti
    cmp word [other_halts], 0
    jne .halt
.busy:
    jmp .busy
.halt:
    hlt
    jmp .halt
