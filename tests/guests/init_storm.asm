; SPDX-License-Identifier: GPL-2.0-only
;
; INITs itself ten times through the APIC's page. With a virtual APIC the first one restarts the
; CPU. Where the machine's own APIC is reached instead (module built with FAULT=1, physical_apic=1), it
; becomes a physical INIT; a CPU that uses it up goes on, and this ends with 42.

%include "guest.inc"
%include "apic_msr.inc"

    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, load_address
    call big_gs
    mov ebx, apic_page
    mov eax, [gs:ebx + 0x20]    ; by its number: CPUs take no INIT by the shorthand "self"
    mov [gs:ebx + apic_icr_high], eax
    mov ecx, 10
.again:
    mov dword [gs:ebx + apic_icr], 0x4500
    loop .again
    exit 42

%include "unreal.inc"
