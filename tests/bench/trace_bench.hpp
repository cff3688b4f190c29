// SPDX-License-Identifier: GPL-2.0-only
// How many records a reader of the trace gets while somebody makes exits, and at which rate some
// are lost.
#pragma once

#include <string>

namespace bench {

// The reader is the calling thread, of `path`: rmvisor's trace_raw or trace_pipe. `maker` is the
// CPU whose exits it reads: those of a thread of Linux that executes CPUID.
void measure_trace(const std::string& path, const std::string& who, unsigned maker);

// The same of Linux's own trace with kvm_exit on: `folder` is per_cpu/cpuN of tracefs, `file` what
// is read of it. The exits are those of a guest of `image` that executes CPUID on that CPU.
void measure_kvm_trace(const std::string& folder, const std::string& file, const std::string& image,
                       const std::string& who, unsigned maker);

}  // namespace bench
