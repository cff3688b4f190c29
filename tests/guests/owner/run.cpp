// SPDX-License-Identifier: GPL-2.0-only
#include "run.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <thread>

#include "vcpu_run.hpp"

namespace owner {
namespace {

// A signal that comes just before KVM_RUN is lost; the next one is not.
constexpr timeval tick{.tv_sec = 1, .tv_usec = 0};

// A far jump to the case in 64 KiB of memory of its own below 4 GiB.
void add_reset_vector(Machine& machine) {
    constexpr std::uint64_t address = 0xffff0000;
    constexpr std::size_t size = 0x10000;
    constexpr std::uint8_t jump[] = {0xea, load_address & 0xff, load_address >> 8, 0, 0};
    machine.add_memory(address, size, 1);
    std::memcpy(machine.added_memory() + 0xfff0, jump, sizeof(jump));
}

constexpr std::uint32_t test_leaf = 0x40000f00;

const std::vector<kvm_cpuid_entry2>& test_leaves() {
    static const std::vector<kvm_cpuid_entry2> leaves = [] {
        kvm_cpuid_entry2 plain{};
        plain.function = test_leaf;
        plain.eax = 0x11111111;
        plain.ebx = 0x22222222;
        plain.ecx = 0x33333333;
        plain.edx = 0x44444444;
        kvm_cpuid_entry2 indexed{};
        indexed.function = test_leaf + 1;
        indexed.index = 5;
        indexed.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
        indexed.eax = 0x55555555;
        return std::vector{plain, indexed};
    }();
    return leaves;
}

// The other vCPUs, each in a thread of its own, until this goes out of scope.
class OtherVcpus {
public:
    OtherVcpus(const Machine& machine, std::vector<Outcome>& outcomes)
        : machine_(machine), ended_(machine.vcpu_count()) {
        for (unsigned number = 1; number < machine.vcpu_count(); ++number)
            threads_.emplace_back([this, number, &outcomes] {
                try {
                    VcpuRun(machine_.vcpu(number), machine_.memory(), outcomes[number])
                        .to_the_end();
                } catch (const CallFailed& failure) {
                    outcomes[number].end = failure.what();
                }
                ended_[number] = true;
            });
    }

    ~OtherVcpus() {
        for (unsigned number = 1; number < machine_.vcpu_count(); ++number) {
            machine_.vcpu(number).page().immediate_exit = 1;
            while (!ended_[number]) {
                pthread_kill(threads_[number - 1].native_handle(), SIGALRM);
                usleep(1000);
            }
            threads_[number - 1].join();
        }
    }

    OtherVcpus(const OtherVcpus&) = delete;
    OtherVcpus& operator=(const OtherVcpus&) = delete;

private:
    const Machine& machine_;
    std::deque<std::atomic<bool>> ended_;
    std::vector<std::thread> threads_;
};

// Each vCPU's exits behind those of the one before; one that failed makes the end of all.
void merge(Outcome& all, std::vector<Outcome>& outcomes) {
    all = outcomes[0];
    for (std::size_t number = 1; number < outcomes.size(); ++number) {
        const Outcome& other = outcomes[number];
        for (const std::string& exit : other.exits)
            all.exits.push_back("vcpu " + std::to_string(number) + " " + exit);
        if (other.end != "halt" && other.end != "stopped") all.end = other.end;
    }
}

void run_in(const Device& device, const Image& image, Outcome& outcome) {
    const auto count = static_cast<unsigned>(std::stoul(image.option("vcpus", "1")));
    const bool with_apic = image.option("apic") == "yes";
    Machine machine(device, count, with_apic);
    std::memcpy(machine.memory() + load_address, image.code.data(), image.code.size());
    for (unsigned number = 0; number < count; ++number)
        set_supported_cpuid(device, machine.vcpu(number), number, test_leaves());
    if (image.option("start") == "reset") {
        add_reset_vector(machine);
    } else {
        for (unsigned number = 0; number < (with_apic ? 1 : count); ++number)
            machine.vcpu(number).start_at(load_address);
    }
    std::vector<Outcome> outcomes(count);
    set_timer(tick, tick);
    {
        const OtherVcpus others(machine, outcomes);
        VcpuRun(machine.vcpu(0), machine.memory(), outcomes[0]).to_the_end();
    }
    set_timer({}, {});
    merge(outcome, outcomes);
}

}  // namespace

Outcome run_case(const Device& device, const Image& image) {
    Outcome outcome;
    try {
        run_in(device, image, outcome);
    } catch (const CallFailed& failure) {
        outcome.end = failure.what();
    }
    return outcome;
}

bool emulates_real_mode(const Device& device) {
    const Image image{.name = "daa", .code = {0x27, 0xf4}, .options = {}};
    return run_case(device, image).end != "halt";
}

}  // namespace owner
