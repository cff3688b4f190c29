// SPDX-License-Identifier: GPL-2.0-only
#include "guest.hpp"

#include <fcntl.h>
#include <linux/rmvisor.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace entry_rules {
namespace {

owner::Descriptor open_trial(const owner::Vcpu& vcpu) {
    rmvisor_vcpu_info info{};
    OWNER_CALL(vcpu.get(), RMVISOR_GET_VCPU_INFO, &info);
    const std::string path =
        "/sys/kernel/debug/rmvisor/per_cpu/cpu" + std::to_string(info.cpu) + "/entry_trial";
    const int number = open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (number < 0)
        throw std::runtime_error(path + ": " + std::strerror(errno) +
                                 "; load a module with FAULT=1");
    return owner::Descriptor{number};
}

visor_trial trial_of(const Fields& changes, bool wants_entry) {
    visor_trial trial{};
    if (changes.size() > VISOR_TRIAL_FIELDS) throw std::runtime_error("too many fields");
    trial.wants_entry = wants_entry ? 1 : 0;
    for (const auto& [field, value] : changes) trial.fields[trial.count++] = {field, 0, value};
    return trial;
}

}  // namespace

Guest::Guest()
    : device_{"/dev/rmvisor"}, machine_{device_, 1, false}, trial_{open_trial(machine_.vcpu(0))} {}

Outcome Guest::attempt(const Fields& changes, bool wants_entry) {
    visor_trial trial = trial_of(changes, wants_entry);
    if (pwrite(trial_.get(), &trial, sizeof(trial), 0) != sizeof(trial))
        throw owner::CallFailed("write of entry_trial", errno);
    const owner::Vcpu& vcpu = machine_.vcpu(0);
    if (const int error = vcpu.run(); error != 0) throw owner::CallFailed("KVM_RUN", error);
    if (pread(trial_.get(), &trial, sizeof(trial), 0) != sizeof(trial))
        throw owner::CallFailed("read of entry_trial", errno);
    const kvm_run& page = vcpu.page();
    Outcome outcome{.state = static_cast<visor_trial_state>(trial.state),
                    .rule = trial.rule,
                    .missing_field = 0,
                    .exit_reason = trial.exit_reason,
                    .instruction_error = trial.instruction_error,
                    .qualification = trial.qualification,
                    .kvm_exit = page.exit_reason,
                    .kvm_hardware = 0};
    if (outcome.state == VISOR_TRIAL_NO_FIELD)
        outcome.missing_field = trial.fields[trial.count].field;
    if (page.exit_reason == KVM_EXIT_FAIL_ENTRY)
        outcome.kvm_hardware = page.fail_entry.hardware_entry_failure_reason;
    return outcome;
}

}  // namespace entry_rules
