// SPDX-License-Identifier: GPL-2.0-only
// What Linux may do with physical memory while it is a guest: everything, but for writing the
// visor's own pages. Set-up code, process context.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/root_map.hpp"
#include "x86/result.hpp"

namespace rmv {

// The map for this CPU's MTRRs. Nothing is protected yet.
Status build_linux_memory() noexcept;
void destroy_linux_memory() noexcept;
[[nodiscard]] u64 linux_memory_pages() noexcept;

// Remembers the CPU's memory: all of it but the public part is root's. And its ring: the one that
// cpu.shared.ring names when a map is built.
void add_cpu_memory(Cpu& cpu) noexcept;
// The CPUs that were added, the last one first: next by Cpu::next_cpu.
[[nodiscard]] Cpu* cpu_memory() noexcept;
[[nodiscard]] u64 ring_bytes(const Cpu& cpu) noexcept;

// What is protected beside the image, the maps and the CPUs that were added.
struct ProtectedMemory {
    const RootMap& root_map;
    const Page* bitmaps[2];
};

// Takes the right to write from Linux. After it nothing of the visor's memory may be written by
// set-up code on a CPU that has been launched.
Status protect_visor_memory(const ProtectedMemory& memory) noexcept;

// A second map for the MTRRs that this CPU has now, protected like the first: its EPT pointer. The
// first stays in use until every CPU has been switched; retire_linux_memory() frees it then.
[[nodiscard]] Result<u64> rebuild_linux_memory(const ProtectedMemory& memory) noexcept;
void retire_linux_memory() noexcept;

}  // namespace rmv
