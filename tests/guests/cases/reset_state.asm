; SPDX-License-Identifier: GPL-2.0-only
;
; The first instructions after a reset see the architecture's reset state (SDM: Processor State
; After Reset). The owner's reset vector is a far jump to here; case.inc has changed SP, EFLAGS'
; IF and DF, and the segments only.
%define options "start=reset;emulated=its emulator has few x87 and SSE instructions"
%include "case.inc"

    check 1                     ; general registers: 0, but for EDX, which has the CPU's signature
    mov [seen_edx], edx
    or ebx, ecx
    or ebx, esi
    or ebx, edi
    or ebx, ebp
    must_be ebx, 0
    cmp dword [seen_edx], 0
    must ne
    test esp, 0xffff0000
    must z

    check 2                     ; flags
    pushfd
    pop eax
    and eax, ~(flag_zero | flag_parity | flag_carry | flag_sign | flag_adjust | flag_overflow)
    must_be eax, 2

    check 3                     ; control registers
    mov eax, cr0
    must_be eax, cr0_cd | cr0_nw | cr0_et
    mov eax, cr2
    must_be eax, 0
    mov eax, cr3
    must_be eax, 0
    mov eax, cr4
    must_be eax, 0

    check 4                     ; debug registers
    mov eax, dr0
    must_be eax, 0
    mov eax, dr3
    must_be eax, 0
    mov eax, dr6
    must_be eax, 0xffff0ff0
    mov eax, dr7
    must_be eax, 0x400

    check 5                     ; tables
    sidt [table]
    must_be word [table], 0xffff
    must_be dword [table + 2], 0
    sgdt [table]
    must_be word [table], 0xffff
    must_be dword [table + 2], 0

    check 6                     ; segments that nobody has loaded: base 0, 64 KiB
    mov ax, fs
    mov bx, gs
    or ax, bx
    must_be ax, 0
    mov al, [fs:0xffff]
    mov ebx, 0x10000
    must_fault general_protection, mov al, [gs:ebx]

    check 7                     ; MSRs
    mov ecx, 0xc0000080
    rdmsr
    must_be eax, 0
    mov ecx, 0x174
    rdmsr
    must_be eax, 0
    mov ecx, 0xc0000100
    rdmsr
    must_be eax, 0

    check 8                     ; XMM registers: 0. MXCSR
    mov eax, cr4_osfxsr
    mov cr4, eax
    mov eax, cr0_et
    mov cr0, eax
    movups [vector_], xmm0
    orps xmm1, xmm7
    orps xmm1, xmm0
    movups [vector_], xmm1
    must_be dword [vector_], 0
    must_be dword [vector_ + 12], 0
    stmxcsr [table]
    must_be dword [table], 0x1f80

    jmp all_passed

align 4
seen_edx:   dd 0
table:      dd 0, 0
vector_:    dd 0, 0, 0, 0
