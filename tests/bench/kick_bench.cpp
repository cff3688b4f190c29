// SPDX-License-Identifier: GPL-2.0-only
#include "kick_bench.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>

#include "../guests/owner/machine.hpp"
#include "guest_bench.hpp"
#include "image.hpp"
#include "pin.hpp"
#include "routine.hpp"
#include "samples.hpp"

namespace bench {
namespace {

using owner::Device;
using owner::Machine;
using owner::Vcpu;

constexpr unsigned kicks = 50;
constexpr std::uint64_t longest_kick = 5000;  // what takes longer is not the kick's

constexpr const char* status_path = "/sys/kernel/debug/rmvisor/status";
constexpr const char* kick_path = "/sys/kernel/debug/rmtest/kick";

// Of the only guest's CPU.
std::uint64_t last_kick() {
    constexpr const char* name = " kick_ticks ";
    std::ifstream file(status_path);
    std::uint64_t longest = 0;
    for (std::string line; std::getline(file, line);)
        if (const std::size_t at = line.find(name); at != line.npos)
            longest = std::max<std::uint64_t>(longest, std::stoull(line.substr(at + 12)));
    return longest;
}

std::uint64_t send_interrupt(unsigned cpu) {
    std::ofstream(kick_path) << cpu << '\n';
    std::uint64_t sent = 0;
    if (!(std::ifstream(kick_path) >> sent)) throw std::runtime_error("no rmtest/kick");
    return sent;
}

// The TSC of the guest is the machine's.
void share_tsc(const Vcpu& vcpu) {
    const std::uint64_t offset = 0;
    const kvm_device_attr attribute{.flags = 0,
                                    .group = KVM_VCPU_TSC_CTRL,
                                    .attr = KVM_VCPU_TSC_OFFSET,
                                    .addr = reinterpret_cast<std::uintptr_t>(&offset)};
    OWNER_CALL(vcpu.get(), KVM_SET_DEVICE_ATTR, &attribute);
}

// From each interrupt to the first of `seen` after it. Of all times the lower half is enough.
Samples match(const std::vector<std::uint64_t>& sent, const std::vector<std::uint32_t>& seen) {
    Samples samples;
    for (const std::uint64_t when : sent) {
        std::uint64_t nearest = longest_kick;
        for (const std::uint32_t time : seen)
            nearest = std::min<std::uint64_t>(nearest, time - static_cast<std::uint32_t>(when));
        if (nearest < longest_kick) samples.push_back(nearest);
    }
    return samples;
}

// Where each of the guest's gaps began.
std::vector<std::uint32_t> last_readings(const Machine& machine, std::size_t gaps) {
    std::vector<std::uint32_t> times(2 * gaps);
    std::memcpy(times.data(), machine.memory() + samples_address, times.size() * sizeof(times[0]));
    for (std::size_t gap = 0; gap < gaps; ++gap) times[gap] = times[2 * gap];
    times.resize(gaps);
    return times;
}

// "...  TIME: kvm_exit: ... reason EXTERNAL_INTERRUPT ..." of a trace with the clock x86-tsc.
std::vector<std::uint32_t> traced_exits(const std::string& trace) {
    std::ifstream file(trace);
    std::vector<std::uint32_t> times;
    for (std::string line; std::getline(file, line);) {
        const std::size_t name = line.find(": kvm_exit:");
        if (name == line.npos || line.find("EXTERNAL_INTERRUPT") == line.npos) continue;
        const std::size_t time = line.rfind(' ', name) + 1;
        times.push_back(static_cast<std::uint32_t>(std::stoull(line.substr(time, name - time))));
    }
    return times;
}

}  // namespace

void measure_kick(const std::string& image, const std::string& who, unsigned cpu) {
    const SpinningGuest guest("/dev/rmvisor", image, cpu, SpinningGuest::Does::nothing);
    Samples samples;
    for (unsigned kick = 0; kick < kicks; ++kick) {
        usleep(2000);
        guest.kick();
        usleep(2000);
        samples.push_back(last_kick());
    }
    print("kick alone", who, std::move(samples));
}

void measure_kvm_kick(const std::string& image, const std::string& who, unsigned cpu,
                      const std::string& trace) {
    const Device device("/dev/kvm");
    const std::vector<std::uint8_t> code = read_image(image);
    Machine machine(device, 1, false);
    share_tsc(machine.vcpu(0));
    std::memcpy(machine.memory() + owner::load_address, code.data(), code.size());
    constexpr std::uint32_t wanted = 4 * kicks;  // the host's own timer makes gaps too
    std::memcpy(machine.memory() + wanted_address, &wanted, sizeof(wanted));
    std::memset(machine.memory() + samples_address, 1, 2 * wanted * sizeof(wanted));
    std::atomic<bool> ended{false};
    std::thread runner([&] {
        pin(cpu);
        choose_routine(machine.vcpu(0), Routine::watch_gaps);
        run_to_the_end(machine.vcpu(0));
        ended.store(true);
    });
    std::vector<std::uint64_t> sent;
    while (!ended.load()) {
        usleep(1000);
        sent.push_back(send_interrupt(cpu));
    }
    runner.join();
    print("kick alone", who, match(sent, traced_exits(trace)));
    print("kick to the guest's last instruction", who, match(sent, last_readings(machine, wanted)));
}

}  // namespace bench
