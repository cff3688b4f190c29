// SPDX-License-Identifier: GPL-2.0-only
// A target takes any bytes. What it finds wrong is a failed GoogleTest assertion, a sanitizer's
// report, or an abort.
#pragma once

#include <cstdint>
#include <span>

namespace fuzz {

using Target = void(std::span<const std::uint8_t> bytes);

// The visor, on the fake CPU.
Target linux_exit;   // exits of Linux; entry rules after each
Target rm_exit;      // exits of a real-mode guest, with and without an APIC
Target guest_state;  // what SET_STATE accepts can be entered and comes back
Target apic;         // against the reference model of tests/unit/apic
Target ept;          // guest memory against a flat map
Target uapi;         // KVM's structs through the shim's ioctls
Target filter;       // the trace's filter, from its text to what root runs

// rmguest's library.
Target image;     // flat and ELF
Target trace;     // trace files
Target emulator;  // instructions whose memory is a device
Target decode;    // qualifications and instructions of trace records
Target gdb;       // GDB's remote protocol

}  // namespace fuzz
