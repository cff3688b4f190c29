// SPDX-License-Identifier: GPL-2.0-only
// The shim's calls to the visor of the CPU that it runs on (border functions in abi.h).
#include "exit/linux_exits.hpp"

using namespace rmv;

void visor_leave(visor_cpu* opaque) {
    Cpu& cpu = *reinterpret_cast<Cpu*>(opaque);
    if (load_acquire(cpu.shared.state) == VISOR_CPU_LINUX)
        static_cast<void>(visor_call(static_cast<u64>(Call::leave), 0));
}

rmv_u32 visor_prepare_take(visor_cpu* opaque) {
    Cpu& cpu = *reinterpret_cast<Cpu*>(opaque);
    if (load_acquire(cpu.shared.state) != VISOR_CPU_LINUX ||
        visor_call(static_cast<u64>(Call::prepare_take), 0) != call_done)
        return VISOR_WRONG_STATE;
    return VISOR_OK;
}

rmv_u32 visor_use_map(visor_cpu* opaque, rmv_u64 ept_pointer) {
    Cpu& cpu = *reinterpret_cast<Cpu*>(opaque);
    if (load_acquire(cpu.shared.state) != VISOR_CPU_LINUX ||
        visor_call(static_cast<u64>(Call::use_map), ept_pointer) != call_done)
        return VISOR_WRONG_STATE;
    return VISOR_OK;
}

rmv_u32 visor_watch(visor_cpu* opaque) {
    Cpu& cpu = *reinterpret_cast<Cpu*>(opaque);
    if (load_acquire(cpu.shared.state) != VISOR_CPU_LINUX ||
        visor_call(static_cast<u64>(Call::watch), 0) != call_done)
        return VISOR_WRONG_STATE;
    return VISOR_OK;
}
