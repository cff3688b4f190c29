// SPDX-License-Identifier: GPL-2.0-only
//
// Where SMIs come from: the firmware's ACPI tables and the chipset's enable register.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpu_facts.hpp"

namespace rmguest::doctor {

// Of the FADT (ACPI: Fixed ACPI Description Table).
struct Fadt {
    std::uint32_t smi_command = 0;  // port; 0: no SMI switches ACPI on
    std::uint8_t acpi_enable = 0;   // what Linux has written there
    std::uint8_t acpi_disable = 0;
    std::uint32_t pm1a_event = 0;  // port: where the power-management block of Intel's begins
};

// Nothing where it is no FADT.
[[nodiscard]] std::optional<Fadt> parse_fadt(const std::string& table);

enum class Chipset {
    piix4,  // 440BX, and what emulates it
    ich,    // ICH and PCH
};

// The register that lets events raise SMIs. The port is the same for every chipset of the kind.
struct SmiEnable {
    Chipset chipset;
    std::uint32_t port;
    std::optional<std::uint32_t> value;  // empty: not ours to read
};

[[nodiscard]] const char* name_of(Chipset chipset);

// Names of what is enabled, empty where SMIs are off altogether.
[[nodiscard]] std::vector<std::string> enabled_sources(Chipset chipset, std::uint32_t value);

// The part of them that is a watchdog.
[[nodiscard]] bool has_tco(Chipset chipset, std::uint32_t value);

struct SmiSources {
    bool fadt_denied = false;
    std::optional<Fadt> fadt;
    std::optional<SmiEnable> enable;  // empty: a chipset that is not known here
    std::string watchdog;             // Linux's name of the first one; "" without
};

[[nodiscard]] SmiSources read_smi_sources(const SystemFiles& files);

struct Smrr {
    std::uint64_t base;
    std::uint64_t bytes;
};

// Nothing while it is not valid.
[[nodiscard]] std::optional<Smrr> smrr_of(const SmmMsrs& msrs);

}  // namespace rmguest::doctor
