// SPDX-License-Identifier: GPL-2.0-only
#include "run_board.hpp"

#include <sys/eventfd.h>

#include <cstring>

#include "exit_status.hpp"

namespace rmguest {

RunBoard::RunBoard(Ports& ports, PhysicalSpace& space, OutputSink sink, std::size_t vcpus,
                   bool wakes_from_halt)
    : ports_(ports),
      space_(space),
      sink_(std::move(sink)),
      vcpus_(vcpus),
      wakes_from_halt_(wakes_from_halt),
      event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void RunBoard::serve_ports(std::uint32_t vcpu, kvm_run& page) {
    const std::lock_guard lock(device_mutex_);
    auto* data = reinterpret_cast<std::uint8_t*>(&page) + page.io.data_offset;
    for (std::uint32_t index = 0; index < page.io.count && !ports_.exit_status(); ++index) {
        std::uint32_t value = 0;
        if (page.io.direction == KVM_EXIT_IO_OUT) {
            std::memcpy(&value, data, page.io.size);
            ports_.out(page.io.port, page.io.size, value);
        } else {
            value = ports_.in(page.io.port, page.io.size);
            std::memcpy(data, &value, page.io.size);
        }
        data += page.io.size;
    }
    flush_output(vcpu);
    if (const auto status = ports_.exit_status()) {
        end(RunEnd::exit_port, *status, vcpu);
    }
}

void RunBoard::flush_output(std::uint32_t vcpu) {
    const std::string text = ports_.take_output();
    if (text.empty()) {
        return;
    }
    if (const auto written = sink_(text); !written) {
        end(RunEnd::output_failed, static_cast<int>(ExitStatus::rmguest_failed), vcpu,
            written.error());
    }
}

void RunBoard::set_halted(std::uint32_t vcpu, bool is_halted) {
    std::size_t halted = 0;
    {
        const std::lock_guard lock(result_mutex_);
        halted_ = is_halted ? halted_ + 1 : halted_ - 1;
        halted = halted_;
    }
    if (halted == vcpus_ && !wakes_from_halt_) {
        end(RunEnd::halted, static_cast<int>(ExitStatus::success), vcpu);
    }
}

void RunBoard::end(RunEnd how, int status, std::uint32_t vcpu, std::optional<Error> error) {
    {
        const std::lock_guard lock(result_mutex_);
        if (ended_) {
            return;
        }
        result_.end = how;
        result_.status = status;
        result_.vcpu = vcpu;
        result_.error = std::move(error);
        ended_ = true;
    }
    (void)::eventfd_write(event_.get(), 1);
}

RunResult RunBoard::result() const {
    const std::lock_guard lock(result_mutex_);
    RunResult result = result_;
    result.outside_accesses = space_.outside_accesses();
    result.outside_address = space_.outside_address();
    for (const MmioRegion& region : space_.regions()) {
        result.mmio.push_back({region.range.name, region.range.address, region.range.size,
                               region.reads, region.writes});
    }
    return result;
}

}  // namespace rmguest
