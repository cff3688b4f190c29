// SPDX-License-Identifier: GPL-2.0-only
// Only in builds for tests: where the visor's memory lies, so that a test can try to write it.
#include "fault_abi.h"
#include "visor/image.hpp"
#include "vmx/cpu.hpp"
#include "vmx/globals.hpp"

namespace rmv {

namespace {

[[nodiscard]] u64 phys_of(const void* address) noexcept {
    return shim_virt_to_phys(reinterpret_cast<u64>(address));
}

}  // namespace

}  // namespace rmv

using namespace rmv;

void visor_fault_pages(visor_cpu* opaque, visor_protected_page pages[VISOR_PROTECTED_KINDS]) {
    Cpu& cpu = *reinterpret_cast<Cpu*>(opaque);
    const visor_protected_page all[] = {
        {"text", phys_of(visor_text_start)},
        {"rodata", phys_of(visor_rodata_start)},
        {"data", phys_of(visor_data_start)},
        {"cpu", phys_of(&cpu)},
        {"vmcs", cpu.linux_vmcs_phys},
        {"stack", phys_of(cpu.stack.stack)},
        {"root-table", globals.root_cr3},
        {"ept-table", globals.linux_ept_pointer & ~page_mask},
        {"msr-bitmap", globals.linux_msr_bitmap_phys},
        {"trace", shim_virt_to_phys(cpu.shared.ring.virt)},
    };
    static_assert(sizeof(all) / sizeof(all[0]) == VISOR_PROTECTED_KINDS);
    for (u32 i = 0; i < VISOR_PROTECTED_KINDS; ++i) pages[i] = all[i];
}
