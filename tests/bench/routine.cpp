// SPDX-License-Identifier: GPL-2.0-only
#include "routine.hpp"

#include <stdexcept>
#include <string>

namespace bench {

void choose_routine(const owner::Vcpu& vcpu, std::uint16_t routine) {
    vcpu.start_at(owner::load_address);
    kvm_regs registers{};
    OWNER_CALL(vcpu.get(), KVM_GET_REGS, &registers);
    registers.rbx = routine;
    OWNER_CALL(vcpu.get(), KVM_SET_REGS, &registers);
}

void run_to_the_end(const owner::Vcpu& vcpu) {
    if (const int error = vcpu.run(); error != 0) throw owner::CallFailed("KVM_RUN", error);
    if (vcpu.page().exit_reason != KVM_EXIT_IO)
        throw std::runtime_error("the guest ended by exit reason " +
                                 std::to_string(vcpu.page().exit_reason));
}

}  // namespace bench
