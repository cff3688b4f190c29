; SPDX-License-Identifier: GPL-2.0-only
;
; What stands in place of a bzImage's decompressor before a kernel that is unpacked already
; (rmlab/unpacked.py). It puts the segments where they belong, maps the first 4 GiB to themselves
; and enters the kernel in 64-bit mode: Documentation/x86/boot.rst, "32-bit boot protocol", for how
; it begins, and "64-bit boot protocol" for what startup_64 wants.

BOOT_PARAMS_CODE32_START equ 214h
PAGE equ 1000h
PAGES_OF_STUB equ 8                    ; the table of segments, and six page tables
ENTRY_WRITABLE equ 3                   ; present, writable
ENTRY_LARGE_WRITABLE equ 83h           ; and a page of 2 MiB
LARGE_PAGE equ 200000h
DIRECTORIES equ 4
CR4_PAE equ 20h
CR0_PG equ 80000000h
IA32_EFER equ 0C0000080h
EFER_LME equ 100h
BOOT_CS equ 10h

bits 32
org 0
        mov ebp, [esi + BOOT_PARAMS_CODE32_START] ; where all this is
        lea esp, [ebp + stack_top]
        push esi                       ; boot_params

        ; Each goes up in memory: the last first, from its end, and none overwrites another's source.
        lea edx, [ebp + segments]
.segment:
        mov eax, [edx]                 ; the address it is linked for
        test eax, eax
        jz .placed
        mov ecx, [edx + 8]             ; in dwords, as the zeros behind it
        lea edi, [eax + ecx * 4 - 4]
        mov esi, [edx + 4]             ; where it is in this file
        lea esi, [esi + ecx * 4 - 4]
        add esi, ebp
        lea ebx, [edi + 4]
        std
        rep movsd
        cld
        mov edi, ebx
        mov ecx, [edx + 12]
        xor eax, eax
        rep stosd
        add edx, 16
        jmp .segment

.placed:
        lea edi, [ebp + directories]
        mov eax, ENTRY_LARGE_WRITABLE
        mov ecx, DIRECTORIES * 512
.page:
        mov [edi], eax
        add eax, LARGE_PAGE
        add edi, 8
        loop .page
        lea eax, [ebp + directories + ENTRY_WRITABLE]
        lea edi, [ebp + pointers]
        mov ecx, DIRECTORIES
.directory:
        mov [edi], eax
        add eax, PAGE
        add edi, 8
        loop .directory
        lea eax, [ebp + pointers + ENTRY_WRITABLE]
        mov [ebp + level4], eax

        mov eax, CR4_PAE
        mov cr4, eax
        lea eax, [ebp + level4]
        mov cr3, eax
        mov ecx, IA32_EFER
        rdmsr
        or eax, EFER_LME
        wrmsr
        mov eax, cr0
        or eax, CR0_PG
        mov cr0, eax
        lea eax, [ebp + gdt]
        mov [ebp + gdt_base], eax
        lgdt [ebp + gdt_limit]
        pop esi
        push BOOT_CS
        lea eax, [ebp + in_64_bits]
        push eax
        retf

bits 64
in_64_bits:
        mov eax, [rbp + entry]
        jmp rax

        align 8
gdt:    dq 0, 0
        dq 00AF9B000000FFFFh           ; __BOOT_CS: 64-bit code
        dq 00CF93000000FFFFh           ; __BOOT_DS
gdt_limit: dw gdt_limit - gdt - 1
gdt_base: dd 0
        times 64 dd 0
stack_top:

; Filled in by unpacked.py, to the end of the page: the entry, then address, place in the file,
; dwords of it, and dwords of zeros, for each segment.
        times PAGE - ($ - $$) db 0
entry:  dd 0
segments:
        times 2 * PAGE - ($ - $$) db 0
level4: times PAGE db 0
pointers: times PAGE db 0
directories: times DIRECTORIES * PAGE db 0
        times PAGES_OF_STUB * PAGE - ($ - $$) db 0
