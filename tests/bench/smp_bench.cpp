// SPDX-License-Identifier: GPL-2.0-only
#include "smp_bench.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "../guests/owner/machine.hpp"
#include "image.hpp"
#include "pin.hpp"
#include "routine.hpp"
#include "samples.hpp"

namespace bench {
namespace {

using owner::Device;
using owner::Machine;
using owner::Vcpu;

// As in smp.asm.
constexpr std::size_t counts_address = 0x601c;

// More than KVM takes to arm it: a timer that has run out before the entry makes no gap.
constexpr std::uint32_t timer_ticks = 20000;

enum class SmpRoutine : std::uint16_t { startup, busy, halted, timer, timer_handler };

struct Measurement {
    const char* name;
    SmpRoutine routine;
    std::uint32_t samples;
};

constexpr std::uint32_t warm_up = 8;
constexpr Measurement measurements[] = {
    {"INIT and SIPI to the first instruction", SmpRoutine::startup, 40},
    {"IPI to a busy vCPU", SmpRoutine::busy, 100},
    {"IPI to a halted vCPU", SmpRoutine::halted, 100},
    {"exit of the guest's timer", SmpRoutine::timer, 100},
    {"the timer's exit to its handler", SmpRoutine::timer_handler, 100},
};

// KVM_RUN of the vCPU that waits for its SIPI, until this goes out of scope.
class OtherVcpu {
public:
    OtherVcpu(const Vcpu& vcpu, unsigned cpu)
        : thread_([this, &vcpu, cpu] {
              pin(cpu);
              while (!ends_.load()) static_cast<void>(vcpu.run());
              ended_.store(true);
          }) {}
    OtherVcpu(const OtherVcpu&) = delete;
    OtherVcpu& operator=(const OtherVcpu&) = delete;
    ~OtherVcpu() {
        ends_.store(true);
        // A signal that comes before KVM_RUN does not end it.
        while (!ended_.load()) {
            pthread_kill(thread_.native_handle(), SIGUSR2);
            usleep(1000);
        }
        thread_.join();
    }

private:
    std::atomic<bool> ends_{false}, ended_{false};
    std::thread thread_;
};

// The APIC's timer counts the machine's TSC under rmvisor, and nanoseconds under KVM.
std::uint32_t timer_counts(const Device& device, const Vcpu& vcpu) {
    constexpr std::uint32_t khz_of_nanoseconds = 1'000'000;
    if (device.is_rmvisor()) return timer_ticks;
    const auto khz = OWNER_CALL(vcpu.get(), KVM_GET_TSC_KHZ, nullptr);
    return static_cast<std::uint32_t>(std::uint64_t{timer_ticks} * khz_of_nanoseconds /
                                      static_cast<std::uint64_t>(khz));
}

Samples measure(const Device& device, const std::vector<std::uint8_t>& code, const Measurement& one,
                unsigned other_cpu) {
    Machine machine(device, 2, true);
    for (unsigned number = 0; number < machine.vcpu_count(); ++number)
        owner::set_supported_cpuid(device, machine.vcpu(number), number, {});
    std::memcpy(machine.memory() + owner::load_address, code.data(), code.size());
    const std::uint32_t wanted = one.samples + warm_up;
    std::memcpy(machine.memory() + wanted_address, &wanted, sizeof(wanted));
    std::memset(machine.memory() + samples_address, 1, wanted * sizeof(wanted));
    const std::uint32_t counts = timer_counts(device, machine.vcpu(0));
    std::memcpy(machine.memory() + counts_address, &counts, sizeof(counts));
    choose_routine(machine.vcpu(0), static_cast<std::uint16_t>(one.routine));
    const OtherVcpu other(machine.vcpu(1), other_cpu);
    run_to_the_end(machine.vcpu(0));
    Samples samples(one.samples);
    for (std::uint32_t index = 0; index < one.samples; ++index) {
        std::uint32_t ticks = 0;
        std::memcpy(&ticks, machine.memory() + samples_address + (index + warm_up) * sizeof(ticks),
                    sizeof(ticks));
        samples[index] = ticks;
    }
    return samples;
}

}  // namespace

void measure_smp(const std::string& path, const std::string& image, const std::string& who,
                 unsigned other_cpu) {
    ignore_signal(SIGUSR2);
    const Device device(path);
    const std::vector<std::uint8_t> code = read_image(image);
    for (const Measurement& one : measurements)
        print(one.name, who, measure(device, code, one, other_cpu));
}

}  // namespace bench
