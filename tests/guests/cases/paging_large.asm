; SPDX-License-Identifier: GPL-2.0-only
;
; Pages of 4 MiB, with CR4.PSE and without, and their reserved bits.
%define options "emulated=it gives other exceptions with paging on"
%include "case.inc"
%include "modes.inc"

    real_to_protected32
    check 1                     ; 4 MiB
    call build_page_tables
    mov eax, cr4
    or eax, cr4_pse
    mov cr4, eax
    mov dword [page_directory + 4], page_all | page_large       ; 4 MiB on: 0 again
    mov dword [0x10b000], 0x12345678
    paging32_on
    must_be dword [0x400000 + 0x10b000], 0x12345678
    test dword [page_directory + 4], page_accessed
    must nz
    test dword [page_directory + 4], page_dirty
    must z
    mov byte [0x400000 + 0x10b000], 0
    test dword [page_directory + 4], page_dirty
    must nz

    check 2                     ; without PSE the bit has no meaning: the entry points to a table
    paging_off
    mov eax, cr4
    and eax, ~cr4_pse
    mov cr4, eax
    mov dword [page_directory + 4], page_table | page_all | page_large
    paging32_on
    must_be dword [0x400000 + 0x10b000], 0x12345600
    paging_off

    check 3                     ; a reserved bit of a 4 MiB entry
    mov eax, cr4
    or eax, cr4_pse
    mov cr4, eax
    mov dword [page_directory + 4], page_all | page_large | (1 << 21)
    paging32_on
    must_fault_code page_fault, 9, mov eax, [0x400000]
    paging_off
    mov eax, cr4
    and eax, ~cr4_pse
    mov cr4, eax
    protected32_to_real

    jmp all_passed
