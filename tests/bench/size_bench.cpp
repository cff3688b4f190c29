// SPDX-License-Identifier: GPL-2.0-only
#include "size_bench.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <vector>

#include "../guests/owner/machine.hpp"
#include "free_memory.hpp"
#include "image.hpp"
#include "routine.hpp"
#include "samples.hpp"

namespace bench {
namespace {

using owner::Device;
using owner::Machine;
using owner::Vcpu;

constexpr std::uint64_t guest_address = 16 << 20;
constexpr std::uint64_t page_bytes = 4096;

void run_routine(const Machine& machine, const std::vector<std::uint8_t>& code, Routine routine,
                 std::uint32_t wanted) {
    std::memcpy(machine.memory() + owner::load_address, code.data(), code.size());
    std::memcpy(machine.memory() + wanted_address, &wanted, sizeof(wanted));
    const Vcpu& vcpu = machine.vcpu(0);
    choose_routine(vcpu, routine);
    kvm_sregs system{};
    OWNER_CALL(vcpu.get(), KVM_GET_SREGS, &system);
    system.fs.base = guest_address;
    system.fs.limit = ~0u;
    system.fs.g = 1;
    OWNER_CALL(vcpu.get(), KVM_SET_SREGS, &system);
    run_to_the_end(vcpu);
}

// What is freed late, of guests before, is free by now.
std::uint64_t settled_free_kib() {
    constexpr useconds_t while_ = 200'000;
    usleep(while_);
    return free_kib();
}

// Of the kernel's own, out of what `before` has become less by.
std::uint64_t used_kib(std::uint64_t before, std::uint64_t guests_own) {
    const std::uint64_t after = free_kib();
    const std::uint64_t used = before - std::min(before, after);
    return used - std::min(used, guests_own);
}

void set_online(const std::vector<std::string>& cpus, bool on) {
    for (const std::string& cpu : cpus)
        if (!(std::ofstream("/sys/devices/system/cpu/cpu" + cpu + "/online") << on << std::flush))
            throw std::runtime_error("CPU " + cpu + ": can't be put on- or offline");
}

struct Costs {
    Samples give, touch, kib_beside;
};

void measure_size(const Device& device, const std::vector<std::uint8_t>& code, std::uint64_t mib,
                  Costs& costs) {
    Machine machine(device, 1, false);
    std::memset(machine.memory(), 1, owner::memory_size);
    run_routine(machine, code, Routine::nothing, 1);
    const std::uint64_t before = settled_free_kib();
    const std::uint64_t start = now();
    machine.add_memory(guest_address, mib << 20, 1);
    const std::uint64_t given = now();
    run_routine(machine, code, Routine::touch,
                static_cast<std::uint32_t>((mib << 20) / page_bytes));
    const std::uint64_t touched = now();
    costs.give.push_back(given - start);
    costs.touch.push_back(touched - given);
    costs.kib_beside.push_back(used_kib(before, mib << 10));
}

// A page more or less in some list of Linux is much beside what a small guest takes.
constexpr unsigned times(std::uint64_t mib) { return mib <= 16 ? 5 : 1; }

}  // namespace

void measure_sizes(const std::string& path, const std::string& image, const std::string& who,
                   const std::vector<std::string>& sizes) {
    const Device device(path);
    const std::vector<std::uint8_t> code = read_image(image);
    for (const std::string& size : sizes) {
        const std::uint64_t mib = std::stoul(size);
        Costs costs;
        for (unsigned time = 0; time < times(mib); ++time) measure_size(device, code, mib, costs);
        print("ticks to give " + size + " MiB", who, std::move(costs.give));
        print("ticks to touch " + size + " MiB", who, std::move(costs.touch));
        print("KiB beside " + size + " MiB", who, std::move(costs.kib_beside));
    }
}

void measure_guests(const std::string& path, const std::string& image, const std::string& who,
                    unsigned count, const std::vector<std::string>& taken) {
    const Device device(path);
    const std::vector<std::uint8_t> code = read_image(image);
    std::vector<Machine> machines;
    machines.reserve(count);
    set_online(taken, false);
    const std::uint64_t before = settled_free_kib();
    set_online(taken, true);
    for (unsigned number = 0; number < count; ++number) {
        const Machine& machine = machines.emplace_back(device, 1, false);
        std::memset(machine.memory(), 1, owner::memory_size);
        run_routine(machine, code, Routine::nothing, 1);
    }
    print("KiB beside a guest", who,
          {used_kib(before, count * (owner::memory_size >> 10)) / count});
}

}  // namespace bench
