// SPDX-License-Identifier: GPL-2.0-only
#include "guest_bench.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

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

// As in guest.asm.
constexpr std::uint16_t done_port = 0xf4;
constexpr std::uint16_t interrupt_port = 0x81;
constexpr std::size_t longest_gap_address = 0x6008;
constexpr std::size_t gap_counts_address = 0x6100;
constexpr std::uint32_t interrupt_vector = 0x40;
constexpr std::uint64_t absent_read_length = 4;  // mov al, [fs:0]
constexpr std::uint64_t absent_address = 16 << 20;
constexpr std::uint64_t bytes_per_string = 1024;
constexpr std::uint64_t batch = 32;

struct Measurement {
    const char* name;
    Routine routine;
    std::uint32_t samples;
    std::uint64_t operations;  // of one sample
};

// The first samples of each warm up caches and translations: they are measured and left out.
constexpr std::uint32_t warm_up = 16;

constexpr Measurement measurements[] = {
    {"cpuid", Routine::cpuid, 200, batch},
    {"rdmsr", Routine::rdmsr, 200, batch},
    {"wrmsr", Routine::wrmsr, 200, batch},
    {"out to user space", Routine::out, 500, 1},
    {"out to an owner that sleeps", Routine::late_out, 100, 1},
    {"in from user space", Routine::in, 500, 1},
    {"hlt to user space", Routine::hlt, 500, 1},
    {"outsb per byte", Routine::string, 50, bytes_per_string},
    {"interrupt injected", Routine::interrupt, 200, 1},
    {"access without memory", Routine::absent, 200, 1},
    {"floor", Routine::floor, 200, batch},  // only builds that can force failures answer it
};

std::uint32_t dword_at(const Machine& machine, std::size_t address) {
    std::uint32_t value = 0;
    std::memcpy(&value, machine.memory() + address, sizeof(value));
    return value;
}

class Guest {
public:
    Guest(const Device& device, const std::vector<std::uint8_t>& code)
        : machine_(device, 1, false) {
        std::memcpy(machine_.memory() + owner::load_address, code.data(), code.size());
    }

    // Memory without a page of its own would be a fault of Linux at the first touch.
    void start(Routine routine, std::uint32_t wanted) {
        std::memset(machine_.memory() + samples_address, 1, 2 * 0x10000);
        std::memcpy(machine_.memory() + wanted_address, &wanted, sizeof(wanted));
        choose_routine(vcpu(), routine);
        kvm_sregs system{};
        OWNER_CALL(vcpu().get(), KVM_GET_SREGS, &system);
        system.fs.base = absent_address;
        OWNER_CALL(vcpu().get(), KVM_SET_SREGS, &system);
    }

    // Until the guest says it is done.
    void to_the_end() {
        while (!step()) {
        }
    }

    // One KVM_RUN. True at the end.
    bool step() {
        const int error = vcpu().run();
        if (error != 0) throw owner::CallFailed("KVM_RUN", error);
        const kvm_run& page = vcpu().page();
        switch (page.exit_reason) {
            case KVM_EXIT_IO:
                if (page.io.port == interrupt_port) inject();
                return page.io.port == done_port;
            case KVM_EXIT_HLT:
            case KVM_EXIT_MMIO: return false;
            case KVM_EXIT_INTERNAL_ERROR: skip_absent_read(); return false;
            default:
                throw std::runtime_error("the guest ended by exit reason " +
                                         std::to_string(page.exit_reason));
        }
    }

    [[nodiscard]] Samples samples(std::uint32_t count) const {
        Samples all;
        for (std::uint32_t index = warm_up; index < count + warm_up; ++index)
            all.push_back(dword_at(machine_, samples_address + index * sizeof(std::uint32_t)));
        return all;
    }

    [[nodiscard]] Machine& machine() { return machine_; }
    [[nodiscard]] const Vcpu& vcpu() const { return machine_.vcpu(0); }

private:
    void inject() const {
        const kvm_interrupt interrupt{.irq = interrupt_vector};
        OWNER_CALL(vcpu().get(), KVM_INTERRUPT, &interrupt);
    }

    // rmvisor leaves the access to its owner; the least an owner can do.
    void skip_absent_read() const {
        kvm_regs registers{};
        OWNER_CALL(vcpu().get(), KVM_GET_REGS, &registers);
        registers.rip += absent_read_length;
        OWNER_CALL(vcpu().get(), KVM_SET_REGS, &registers);
    }

    Machine machine_;
};

Samples measure(Guest& guest, Routine routine, std::uint32_t samples) {
    guest.start(routine, samples + warm_up);
    guest.to_the_end();
    return guest.samples(samples);
}

// Readings of the TSC, in thousands: long enough for another program to get its share of the CPU.
constexpr std::uint32_t gap_readings = 1600;

// Powers of two that a class of gaps ends at; the last one has no end.
constexpr unsigned gap_classes[] = {7, 10, 13, 16, 32};

void measure_gaps(Guest& guest, const std::string& who) {
    const Machine& machine = guest.machine();
    std::memset(machine.memory() + gap_counts_address, 0, 32 * sizeof(std::uint32_t));
    guest.start(Routine::gaps, gap_readings);
    guest.to_the_end();
    print("longest gap", who, {dword_at(machine, longest_gap_address)});
    unsigned power = 0;
    for (const unsigned end : gap_classes) {
        std::uint64_t count = 0;
        for (; power < end; ++power)
            count += dword_at(machine, gap_counts_address + power * sizeof(std::uint32_t));
        print("gaps below 2^" + std::to_string(end), who, {count});
    }
}

// From the signal to the return of KVM_RUN, in a thread of this CPU.
constexpr unsigned kicks = 100;

void measure_kick(Guest& guest, const std::string& who) {
    ignore_signal(SIGUSR1);
    guest.start(Routine::spin, 1);
    std::atomic<unsigned> returned{0};
    std::uint64_t sent = 0;
    const pthread_t runner = pthread_self();
    std::thread kicker([&] {
        pin(0);
        for (unsigned kick = 0; kick < kicks; ++kick) {
            while (returned.load() != kick) usleep(1000);
            usleep(3000);
            sent = now();
            pthread_kill(runner, SIGUSR1);
        }
    });
    Samples samples;
    while (samples.size() < kicks) {
        const int error = guest.vcpu().run();
        const std::uint64_t back = now();
        if (error != EINTR) throw owner::CallFailed("KVM_RUN, which a signal ends", error);
        samples.push_back(back - sent);
        returned.fetch_add(1);
    }
    kicker.join();
    print("signal to KVM_RUN's return", who, std::move(samples));
}

// A VM with one vCPU, up to where it could run, and its end: under rmvisor a CPU is taken from
// Linux and given back.
void measure_life(const Device& device, const std::vector<std::uint8_t>& code,
                  const std::string& who) {
    constexpr int lives = 5;
    Samples begins, ends;
    for (int life = 0; life < lives; ++life) {
        const std::uint64_t begin = now();
        std::optional<Guest> guest(std::in_place, device, code);
        const std::uint64_t middle = now();
        guest.reset();
        begins.push_back(middle - begin);
        ends.push_back(now() - middle);
    }
    print("create VM and vCPU", who, std::move(begins));
    print("destroy them", who, std::move(ends));
}

bool is_wanted(const std::string& names, const char* name) {
    if (names.empty()) return std::string(name) != "floor";
    return ("," + names + ",").find("," + std::string(name) + ",") != names.npos;
}

}  // namespace

struct SpinningGuest::Parts {
    Parts(const std::string& path, const std::string& image)
        : device(path), guest(device, read_image(image)) {}
    Device device;
    Guest guest;
    std::atomic<bool> ends{false}, ended{false};
    std::thread thread;
};

SpinningGuest::SpinningGuest(const std::string& device, const std::string& image, unsigned cpu,
                             Does what)
    : parts_(std::make_unique<Parts>(device, image)) {
    ignore_signal(SIGUSR2);
    parts_->guest.start(what == Does::cpuid ? Routine::spin : Routine::watch_gaps, ~0u);
    parts_->thread = std::thread([&parts = *parts_, cpu] {
        pin(cpu);
        while (!parts.ends.load()) static_cast<void>(parts.guest.vcpu().run());
        parts.ended.store(true);
    });
}

// A signal that comes before KVM_RUN does not end it.
SpinningGuest::~SpinningGuest() {
    parts_->ends.store(true);
    while (!parts_->ended.load()) {
        kick();
        usleep(1000);
    }
    parts_->thread.join();
}

void SpinningGuest::kick() const { pthread_kill(parts_->thread.native_handle(), SIGUSR2); }

void measure_guest(const std::string& path, const std::string& image, const std::string& who,
                   const std::string& names) {
    const Device device(path);
    const std::vector<std::uint8_t> code = read_image(image);
    if (is_wanted(names, "life")) measure_life(device, code, who);
    Guest guest(device, code);
    const std::uint64_t single = median(measure(guest, Routine::nothing, 1000));
    const std::uint64_t batched = median(measure(guest, Routine::nothings, 200));
    for (const Measurement& one : measurements) {
        if (!is_wanted(names, one.name)) continue;
        Samples samples = measure(guest, one.routine, one.samples);
        subtract(samples, one.operations == batch ? batched : single);
        for (std::uint64_t& sample : samples) sample /= one.operations;
        print(one.name, who, std::move(samples));
    }
    if (is_wanted(names, "gaps")) measure_gaps(guest, who);
    if (is_wanted(names, "kick")) measure_kick(guest, who);
}

}  // namespace bench
