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

// Remembers the CPU's memory: all of it but the public part is root's.
void add_cpu_memory(Cpu& cpu, u64 trace_virt, u64 trace_bytes) noexcept;

// Takes the right to write from Linux: the visor's image and tables, the bitmaps, and the memory of
// every CPU that was added. After it nothing of these may be written by set-up code on a CPU that
// has been launched.
Status protect_visor_memory(const RootMap& root_map, const Page* const (&bitmaps)[2]) noexcept;

}  // namespace rmv
