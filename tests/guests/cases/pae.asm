; SPDX-License-Identifier: GPL-2.0-only
;
; PAE paging: 64-bit entries, pointers that are loaded with CR3, 2 MiB pages, reserved bits, NXE.
%define options "emulated=it gives other exceptions with paging on"
%include "case.inc"
%include "modes.inc"

window      equ 0x80000
elsewhere   equ 0x10b000

    real_to_protected32
    call build_page_tables
    map_page64 window, elsewhere, page_all
    check 1
    pae_on
    mov dword [window], 0x12345678
    must_be dword [elsewhere], 0x12345678

    check 2                     ; #PF
    map_page64 window, elsewhere, 0
    invlpg [window]
    must_fault_code page_fault, 2, mov [window], eax
    mov eax, cr2
    must_be eax, window
    must_fault_code page_fault, 0, mov eax, [0x40000000]

    check 3                     ; pointers count from the next load of CR3 on
    mov dword [pae_pointers + 8], pae_directory | page_present
    must_fault_code page_fault, 0, mov eax, [0x40000000]
    flush_pages
    must_be dword [0x40000000 + elsewhere], 0x12345678
    must_be dword [pae_pointers + 8], pae_directory | page_present      ; no A bit there

    check 4                     ; reserved bits of a pointer: #GP by MOV to CR3, which changes nothing
    or byte [pae_pointers + 8], 2
    mov eax, pae_pointers
    must_fault general_protection, mov cr3, eax
    must_be dword [0x40000000 + elsewhere], 0x12345678
    and byte [pae_pointers + 8], ~2

    check 5                     ; 2 MiB
    mov dword [pae_directory + 8], page_all | page_large
    flush_pages
    must_be dword [0x200000 + elsewhere], 0x12345678

    check 6                     ; bit 63 is reserved without NXE, and forbids execution with it
    mov dword [long_table + (window >> 12) * 8 + 4], 0
    mov dword [pae_table + (window >> 12) * 8], elsewhere | page_all
    mov dword [pae_table + (window >> 12) * 8 + 4], 1 << 31
    flush_pages
    must_fault_code page_fault, 9, mov eax, [window]
    change_efer efer_nxe, 0
    flush_pages
    mov byte [window], 0xc3     ; RET
    mov byte [fault_unexpected], 0
    mov dword [resume_at], after_execution
    mov ebx, window
    mov esi, esp
    call ebx
    fail
after_execution:
    mov byte [fault_unexpected], 1
    mov esp, esi
    must_be byte [fault_vector], page_fault
    must_be dword [fault_code], 0x11
    mov eax, cr2
    must_be eax, window

    check 7                     ; back, with everything as it was
    paging_off
    change_efer 0, efer_nxe
    paging32_on
    paging_off
    protected32_to_real

    jmp all_passed
