// SPDX-License-Identifier: GPL-2.0-only
#include "smm_facts.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <sstream>

#include "lib/file_descriptor.hpp"
#include "x86/smm.hpp"

namespace rmguest::doctor {
namespace {

constexpr const char* fadt_path = "/sys/firmware/acpi/tables/FACP";
constexpr const char* pci_folder = "/sys/bus/pci/devices";
constexpr const char* module_path = "/sys/kernel/debug/rmvisor/smm";

// Offsets in the FADT.
constexpr std::size_t fadt_smi_command = 48, fadt_acpi_enable = 52, fadt_acpi_disable = 53,
                      fadt_pm1a_event = 56, fadt_needed = 60;

template <typename Value>
Value value_at(const std::string& bytes, std::size_t offset) {
    Value value{};
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
}

struct Source {
    std::uint32_t bit;
    const char* name;
};

// PIIX4: GLBCTL, at 28h of the power-management block. ICH and later: SMI_EN, at 30h.
constexpr std::uint32_t piix4_offset = 0x28, ich_offset = 0x30;
constexpr std::uint32_t smi_on = 1;  // bit 0 of both
constexpr std::uint32_t ich_tco = 1u << 13;

constexpr std::array ich_sources{
    Source{1u << 2, "BIOS"},
    Source{1u << 3, "legacy USB"},
    Source{1u << 4, "sleep"},
    Source{1u << 5, "APM port"},
    Source{1u << 6, "software timer"},
    Source{1u << 11, "microcontroller"},
    Source{ich_tco, "TCO"},
    Source{1u << 14, "periodic"},
    Source{1u << 17, "legacy USB2"},
    Source{1u << 18, "Intel USB2"},
};

// Bochs, QEMU's i440FX, and boards of 1998: function 3 of the bridge. ICH and later: always 1Fh.0.
std::optional<Chipset> find_chipset(const SystemFiles& files) {
    for (const std::string& device : files.list(pci_folder)) {
        const auto word = [&](const char* name) {
            return files.read_word(fmt::format("{}/{}/{}", pci_folder, device, name));
        };
        if (word("vendor") != "0x8086") {
            continue;
        }
        if (word("device") == "0x7113") {
            return Chipset::piix4;
        }
        if (device.ends_with(":00:1f.0") && word("class").starts_with("0x0601")) {
            return Chipset::ich;
        }
    }
    return std::nullopt;
}

std::optional<std::uint32_t> read_port(const SystemFiles& files, std::uint32_t port) {
    const FileDescriptor file(::open(files.real_path("/dev/port").c_str(), O_RDONLY | O_CLOEXEC));
    std::uint32_t value = 0;
    if (!file || ::pread(file.get(), &value, sizeof(value), port) != sizeof(value)) {
        return std::nullopt;
    }
    return value;
}

// Kernels without /dev/port: the module, where it is loaded, has read the register.
std::optional<std::uint32_t> ask_module(const SystemFiles& files) {
    std::istringstream lines(files.read(module_path).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        unsigned value = 0;
        if (std::sscanf(line.c_str(), "smi_enable %x", &value) == 1) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Fadt> parse_fadt(const std::string& table) {
    if (table.size() < fadt_needed || table.compare(0, 4, "FACP") != 0) {
        return std::nullopt;
    }
    return Fadt{.smi_command = value_at<std::uint32_t>(table, fadt_smi_command),
                .acpi_enable = value_at<std::uint8_t>(table, fadt_acpi_enable),
                .acpi_disable = value_at<std::uint8_t>(table, fadt_acpi_disable),
                .pm1a_event = value_at<std::uint32_t>(table, fadt_pm1a_event)};
}

const char* name_of(Chipset chipset) {
    switch (chipset) {
        case Chipset::piix4: return "PIIX4";
        case Chipset::ich: return "ICH/PCH";
    }
    return "unknown";
}

std::vector<std::string> enabled_sources(Chipset chipset, std::uint32_t value) {
    std::vector<std::string> names;
    if ((value & smi_on) == 0) {
        return names;
    }
    switch (chipset) {
        case Chipset::piix4:
            names.emplace_back("SMI_EN");  // its sources have enables of their own
            break;
        case Chipset::ich:
            for (const Source& source : ich_sources) {
                if ((value & source.bit) != 0) {
                    names.emplace_back(source.name);
                }
            }
            break;
    }
    return names;
}

bool has_tco(Chipset chipset, std::uint32_t value) {
    return chipset == Chipset::ich && (value & smi_on) != 0 && (value & ich_tco) != 0;
}

SmiSources read_smi_sources(const SystemFiles& files) {
    SmiSources sources;
    sources.fadt_denied = files.is_denied(fadt_path);
    sources.fadt = parse_fadt(files.read(fadt_path).value_or(""));
    sources.watchdog = files.read_word("/sys/class/watchdog/watchdog0/identity");
    const auto chipset = find_chipset(files);
    if (chipset && sources.fadt && sources.fadt->pm1a_event != 0) {
        const std::uint32_t port =
            sources.fadt->pm1a_event + (*chipset == Chipset::piix4 ? piix4_offset : ich_offset);
        auto value = read_port(files, port);
        sources.enable = SmiEnable{*chipset, port, value ? value : ask_module(files)};
    }
    return sources;
}

std::optional<Smrr> smrr_of(const SmmMsrs& msrs) {
    const std::uint64_t mask = msrs.smrr_physmask.value_or(0);
    const std::uint64_t size_bits = mask & rmv::smrr_address_bits;
    if (!msrs.smrr_physbase || (mask & rmv::smrr_mask_valid) == 0 || size_bits == 0) {
        return std::nullopt;
    }
    return Smrr{.base = *msrs.smrr_physbase & size_bits, .bytes = (~size_bits & 0xffff'ffff) + 1};
}

}  // namespace rmguest::doctor
