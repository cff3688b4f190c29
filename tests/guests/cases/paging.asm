; SPDX-License-Identifier: GPL-2.0-only
;
; 32-bit paging: a page mapped elsewhere, #PF with its error codes and CR2, INVLPG, A and D bits,
; CR0.WP, CPL 3.
%define options "emulated=it gives other exceptions with paging on"
%include "case.inc"
%include "modes.inc"

window      equ 0x80000
elsewhere   equ 0x10b000

    real_to_protected32
    load_tss32
    call build_page_tables
    map_page32 window, elsewhere, page_all
    paging32_on

    check 1                     ; mapped elsewhere; A and D
    mov eax, [page_table + (window >> 12) * 4]
    test al, page_accessed | page_dirty
    must z
    mov eax, [window]
    mov eax, [page_table + (window >> 12) * 4]
    and al, page_accessed | page_dirty
    must_be al, page_accessed
    mov dword [window + 4], 0x12345678
    must_be dword [elsewhere + 4], 0x12345678
    mov eax, [page_table + (window >> 12) * 4]
    and al, page_accessed | page_dirty
    must_be al, page_accessed | page_dirty
    test byte [page_directory], page_accessed
    must nz

    check 2                     ; not present
    map_page32 window, elsewhere, 0
    invlpg [window]
    must_fault_code page_fault, 0, mov eax, [window + 8]
    mov eax, cr2
    must_be eax, window + 8
    must_fault_code page_fault, 2, mov dword [window + 12], 1
    mov eax, cr2
    must_be eax, window + 12
    must_fault_code page_fault, 0, mov eax, [window - 2]
    mov eax, cr2
    must_be eax, window         ; the part that is not there
    must_fault_code page_fault, 0, mov eax, [0x40000000]
    mov eax, cr2
    must_be eax, 0x40000000

    check 3                     ; read-only: CPL 0 writes until WP is set
    map_page32 window, elsewhere, page_present | page_user
    flush_pages
    mov dword [window], 7
    mov eax, cr0
    or eax, cr0_wp
    mov cr0, eax
    must_fault_code page_fault, 3, mov dword [window], 8
    must_be dword [window], 7

    check 4                     ; CPL 3
    map_page32 window, elsewhere, page_present | page_writable
    flush_pages
    mov [kernel_stack], esp
    set_idt32 0x30, from_user, interrupt_gate32 | dpl3
    go_user32 user
user:
    must_fault_code page_fault, 5, mov eax, [window]
    must_fault_code page_fault, 7, mov [window], eax
    must_fault_code page_fault, 4, mov eax, [0x40000000]
    int 0x30
    fail
from_user:
    mov ax, data32
    mov ds, ax
    mov es, ax
    mov esp, [kernel_stack]

    mov eax, cr0
    and eax, ~cr0_wp
    mov cr0, eax

    check 5                     ; CR0.PG off and on again takes new tables
    paging_off
    map_page32 window, elsewhere + 0x1000, page_all
    mov dword [elsewhere + 0x1000], 0xabcdef01
    paging32_on
    must_be dword [window], 0xabcdef01
    mov dword [page_table + (window >> 12) * 4], elsewhere | page_all
    flush_pages
    must_be dword [window], 7
    paging_off
    protected32_to_real

    jmp all_passed

align 4
kernel_stack:   dd 0
