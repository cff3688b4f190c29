; SPDX-License-Identifier: GPL-2.0-only
;
; What is measured inside a guest. A sample has an empty pair of RDTSC in it.

%include "measure.inc"

bits 16
cpu 686
org 0x7c00

longest_gap     equ 0x6008      ; of measurement `gaps`: ticks
gap_counts      equ 0x6100      ; ... and how many lasted from 2^n ticks on: 32 dwords
string_segment  equ 0x2000

probe_port      equ 0x80
interrupt_port  equ 0x81

msr_pat         equ 0x277
batch           equ 32
gap_ticks       equ 500
idle_ticks      equ 150000      ; an owner of rmvisor spins for 50,000 of them
floor_leaf      equ 0x524d5600  ; as kmod/fault_abi.h: answered by the least that an exit can do

%macro measure 2+ ; name, operation
%1:
.again:
    begin
    %2
    end
    dec ebp
    jnz .again
    jmp done
%endmacro

start:
    set_up
    shl bx, 1
    jmp [routines + bx]

routines: dw nothing, do_cpuid, do_rdmsr, do_wrmsr, do_out, do_in, do_hlt, do_string, do_interrupt
          dw do_absent, do_gaps, do_floor, do_spin, do_nothings, do_late_out, do_watch_gaps
          dw do_touch

measure nothing, nop
measure do_hlt, hlt
measure do_out, out probe_port, al
measure do_in, in al, probe_port

; Exits that the visor answers alone are too short for one RDTSC, which some emulators move on by many
; instructions at a time: a sample is `batch` of them.
%macro measure_batch 1+ ; operation
%%again:
    begin
%rep batch
    %1
%endrep
    end
    dec ebp
    jnz %%again
    jmp done
%endmacro

%macro cpuid_of 1
    mov eax, %1
    cpuid
%endmacro

%macro write_pat 0
    mov eax, [pat]
    mov edx, [pat + 4]
    wrmsr
%endmacro

do_nothings: measure_batch nop
do_cpuid:    measure_batch cpuid_of 0
do_floor:    measure_batch cpuid_of floor_leaf

do_rdmsr:
    mov ecx, msr_pat
    measure_batch rdmsr

do_wrmsr:
    mov ecx, msr_pat
    rdmsr
    mov [pat], eax
    mov [pat + 4], edx
    measure_batch write_pat

; One sample is a REP OUTSB of 1,024 bytes.
do_string:
    mov ax, string_segment
    mov ds, ax
.again:
    rdtsc
    mov ebx, eax
    mov dx, probe_port
    mov cx, 1024
    xor si, si
    rep outsb
    rdtsc
    sub eax, ebx
    stosd
    dec ebp
    jnz .again
    xor ax, ax
    mov ds, ax
    jmp done

; The owner has had time to go to sleep before each OUT.
do_late_out:
.again:
    rdtsc
    mov esi, eax
.idle:
    rdtsc
    sub eax, esi
    cmp eax, idle_ticks
    jb .idle
    begin
    out probe_port, al
    end
    dec ebp
    jnz .again
    jmp done

; The owner answers the OUT with an interrupt of vector 0x40; the sample ends in its handler.
do_interrupt:
    mov word [0x40 * 4], .handler
    mov word [0x40 * 4 + 2], 0
    sti
.again:
    begin
    out interrupt_port, al
.wait:
    jmp .wait
.handler:
    rdtsc
    sub eax, esi
    stosd
    add sp, 6
    sti
    dec ebp
    jnz .again
    jmp done

; The owner has let FS begin where the guest has no memory.
do_absent:
.again:
    begin
    mov al, [fs:0]
    end
    dec ebp
    jnz .again
    jmp done

; Does nothing but read the TSC; `wanted` is in units of 1,024 readings.
do_gaps:
    sti                         ; else nested KVM gets none of its host's interrupts
    xor ebx, ebx                ; longest
    shl ebp, 10
    rdtsc
    mov esi, eax
.again:
    rdtsc
    mov edx, eax
    sub edx, esi
    mov esi, eax
    bsr eax, edx
    inc dword [gap_counts + eax * 4]
    cmp edx, ebx
    jbe .next
    mov ebx, edx
.next:
    dec ebp
    jnz .again
    cli
    mov [longest_gap], ebx
    jmp done

; Writes to `wanted` pages from FS:0 on; its limit is 4 GiB.
do_touch:
    xor ebx, ebx
.again:
    mov byte [fs:ebx], 1
    add ebx, 0x1000
    dec ebp
    jnz .again
    jmp done

; `wanted` gaps of more than `gap_ticks` between two readings of the TSC: where each began and ended,
; lower halves. With interrupts on, so that those of KVM's host make it exit.
do_watch_gaps:
    sti
    rdtsc
    mov ecx, eax
.again:
    rdtsc
    mov edx, eax
    sub edx, ecx
    cmp edx, gap_ticks
    ja .gap
    mov ecx, eax
    jmp .again
.gap:
    xchg eax, ecx
    stosd
    mov eax, ecx
    stosd
    dec ebp
    jnz .again
    cli
    jmp done

; Until the owner makes it stop, at one of its exits: nested KVM can't stop a guest that makes none,
; for want of interrupts while one runs.
do_spin:
    xor eax, eax
    cpuid
    jmp do_spin

done:
    out done_port, al
    hlt
    jmp done

align 4
pat: dd 0, 0
