// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/core.h>

#include <array>
#include <sstream>

#include "machine_checks.hpp"

namespace rmguest::doctor {
namespace {

// A line of /proc/modules: name, size, number of users, ...
struct LoadedModule {
    std::string name;
    unsigned long users;
};

std::vector<LoadedModule> loaded_modules(const SystemFiles& files) {
    std::vector<LoadedModule> modules;
    std::istringstream lines(files.read("/proc/modules").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        LoadedModule module{};
        unsigned long size = 0;
        if (words >> module.name >> size >> module.users) {
            modules.push_back(module);
        }
    }
    return modules;
}

struct OtherHypervisor {
    const char* module;
    const char* program;
};
constexpr std::array others{OtherHypervisor{"vboxdrv", "VirtualBox"},
                            OtherHypervisor{"vmmon", "VMware"}};

Finding kvm_finding(const SystemFiles& files, const LoadedModule& kvm) {
    const std::string cure =
        "stop its virtual machines and: modprobe -r kvm_intel; from Linux 6.12 on "
        "kvm.enable_virt_at_load=0 does too";
    // Since 6.12 KVM keeps VMX on as long as it is loaded, unless told otherwise.
    if (files.read_word("/sys/module/kvm/parameters/enable_virt_at_load") == "Y") {
        return {Verdict::blocks, "KVM", "kvm_intel holds VMX", cure};
    }
    if (kvm.users != 0) {
        return {Verdict::blocks, "KVM", "kvm_intel is in use and holds VMX", cure};
    }
    return {Verdict::ok, "KVM",
            "kvm_intel is loaded and holds VMX only while a virtual machine runs"};
}

// Where a file system of that type is mounted; nothing if it is not.
std::optional<std::string> mount_point(const SystemFiles& files, const std::string& type) {
    std::istringstream lines(files.read("/proc/self/mounts").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        const auto words = split_words(line);
        if (words.size() > 2 && words[2] == type) {
            return words[1];
        }
    }
    return std::nullopt;
}

}  // namespace

Findings check_kernel_release(const Subject& subject) {
    const std::string release = subject.files.read_word("/proc/sys/kernel/osrelease");
    if (release.empty()) {
        return {
            {Verdict::unseen, "kernel", "/proc/sys/kernel/osrelease names none", "mount /proc"}};
    }
    Findings findings;
    if (release.starts_with("6.1.") || release.starts_with("6.12.")) {
        findings.push_back({Verdict::ok, "kernel", release});
    } else {
        findings.push_back({Verdict::warning, "kernel",
                            release + ": rmvisor is built and tested for 6.1 and 6.12",
                            "boot a Debian kernel 6.1 or 6.12"});
    }
    if (!subject.files.exists("/lib/modules/" + release + "/build/Makefile")) {
        findings.push_back({Verdict::note, "headers", "those of this kernel are not here",
                            "to build the module here: apt-get install linux-headers-" + release});
    }
    return findings;
}

Findings check_other_users_of_vmx(const Subject& subject) {
    Findings findings;
    for (const LoadedModule& module : loaded_modules(subject.files)) {
        if (module.name == "kvm_intel") {
            findings.push_back(kvm_finding(subject.files, module));
        }
        for (const OtherHypervisor& other : others) {
            if (module.name == other.module) {
                findings.push_back(
                    {module.users != 0 ? Verdict::blocks : Verdict::warning, other.program,
                     fmt::format("its module {} is loaded, and takes VMX", module.name),
                     fmt::format("stop its virtual machines and: modprobe -r {}", module.name)});
            }
        }
    }
    if (findings.empty()) {
        findings.push_back({Verdict::ok, "other users", "no other hypervisor is loaded"});
    }
    return findings;
}

Findings check_fred(const Subject& subject) {
    // The flag is there only where the kernel uses it.
    if (!subject.cpus.empty() && subject.cpus.front().flags.contains("fred")) {
        return {{Verdict::blocks, "FRED",
                 "the kernel uses FRED event delivery, which rmvisor does not support",
                 "boot with fred=off"}};
    }
    return {{Verdict::ok, "FRED", "not in use"}};
}

Findings check_lockdown(const Subject& subject) {
    const auto text = subject.files.read("/sys/kernel/security/lockdown");
    const bool is_enforced =
        subject.files.read_word("/sys/module/module/parameters/sig_enforce") == "Y";
    const char* cure =
        "sign rmvisor.ko with a key that this machine trusts (mokutil(1)), or turn Secure Boot off";
    if (text && text->find("[none]") == std::string::npos && text->find('[') != std::string::npos) {
        return {{Verdict::blocks, "lockdown",
                 "the kernel is locked down: no unsigned module, and no debugfs", cure}};
    }
    if (is_enforced) {
        return {{Verdict::blocks, "signatures", "the kernel loads signed modules only", cure}};
    }
    if (!text && subject.files.is_denied("/sys/kernel/security/lockdown")) {
        return {{Verdict::unseen, "lockdown", "/sys/kernel/security is not ours to read",
                 "run rmguest doctor as root"}};
    }
    if (!text && !mount_point(subject.files, "securityfs")) {
        return {{Verdict::unseen, "lockdown", "securityfs is not mounted",
                 "mount -t securityfs none /sys/kernel/security"}};
    }
    return {{Verdict::ok, "lockdown", "none, and unsigned modules are allowed"}};
}

Findings check_debugfs(const Subject& subject) {
    if (const auto where = mount_point(subject.files, "debugfs")) {
        return {{Verdict::ok, "debugfs", "mounted at " + *where}};
    }
    return {{Verdict::warning, "debugfs", "not mounted: there will be no trace and no statistics",
             "mount -t debugfs none /sys/kernel/debug"}};
}

Findings check_module(const Subject& subject) {
    if (subject.files.exists("/sys/module/rmvisor")) {
        return {{Verdict::ok, "rmvisor", "loaded; see rmguest status"}};
    }
    return {{Verdict::note, "rmvisor", "not loaded", "sudo insmod rmvisor.ko"}};
}

}  // namespace rmguest::doctor
