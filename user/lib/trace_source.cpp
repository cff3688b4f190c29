// SPDX-License-Identifier: GPL-2.0-only
#include "trace_source.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>

namespace rmguest {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint32_t> cpu_of_folder(const std::string& name) {
    constexpr std::string_view prefix = "cpu";
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    std::uint32_t number = 0;
    const char* end = name.data() + name.size();
    const auto [rest, status] = std::from_chars(name.data() + prefix.size(), end, number);
    if (status != std::errc{} || rest != end) {
        return std::nullopt;
    }
    return number;
}

// Why nothing of the module's can be read. debugfs shows others than root nothing, not even that.
Error no_debugfs(const std::string& debugfs, const std::error_code& why) {
    const std::string failure = fmt::format("cannot read {}: {}", debugfs, why.message());
    if (debugfs != default_debugfs) {
        return Error{failure,
                     "give the folder of a module that is loaded (sudo insmod rmvisor.ko)"};
    }
    std::error_code none;
    if (!fs::exists("/sys/module/rmvisor", none)) {
        return Error{"the module rmvisor is not loaded", "sudo insmod rmvisor.ko"};
    }
    if (why == std::errc::permission_denied) {
        return Error{failure, "what the module shows is for root only: use sudo"};
    }
    return Error{failure, "sudo mount -t debugfs none /sys/kernel/debug"};
}

}  // namespace

Result<std::vector<std::uint32_t>> traced_cpus(const std::string& debugfs) {
    const std::string folder = debugfs + "/per_cpu";
    std::error_code why;
    std::vector<std::uint32_t> cpus;
    for (fs::directory_iterator entry(folder, why), end; !why && entry != end;
         entry.increment(why)) {
        if (const auto cpu = cpu_of_folder(entry->path().filename().string())) {
            cpus.push_back(*cpu);
        }
    }
    if (why) {
        return no_debugfs(debugfs, why);
    }
    std::ranges::sort(cpus);
    return cpus;
}

Result<TraceReader> TraceReader::open(const std::string& debugfs, std::uint32_t cpu) {
    std::string path = fmt::format("{}/per_cpu/cpu{}/trace_raw", debugfs, cpu);
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return system_error(fmt::format("cannot open {}", path), errno,
                            "is the module loaded, is there such a CPU, and are you root?");
    }
    return TraceReader(std::move(file), std::move(path));
}

Result<std::vector<rmvisor_trace_record>> TraceReader::read_new() {
    std::vector<rmvisor_trace_record> records;
    std::array<rmvisor_trace_record, 1024> part{};
    for (;;) {
        const ssize_t count = ::read(file_.get(), part.data(), sizeof(part));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return system_error(fmt::format("cannot read {}", path_), errno);
        }
        if (count == 0) {
            return records;
        }
        if (static_cast<std::size_t>(count) % sizeof(rmvisor_trace_record) != 0) {
            return Error{fmt::format("{} gave {} bytes, not whole records", path_, count),
                         "use the rmguest and the module of one build"};
        }
        const auto whole = static_cast<std::size_t>(count) / sizeof(rmvisor_trace_record);
        records.insert(records.end(), part.begin(), part.begin() + static_cast<long>(whole));
    }
}

void merge_by_time(std::vector<rmvisor_trace_record>& records) {
    std::ranges::stable_sort(records, {}, &rmvisor_trace_record::tsc);
}

}  // namespace rmguest
