// SPDX-License-Identifier: GPL-2.0-only
// bench guest DEVICE IMAGE WHO [NAMES]   measures exits of a guest
// bench kick IMAGE WHO CPU               ... how long rmvisor's kicks take (as root alone can see)
// bench kvm-kick IMAGE WHO CPU TRACE     ... and the interrupts that are KVM's, by rmtest.ko
// bench smp DEVICE IMAGE WHO OTHER_CPU   ... what two vCPUs are to each other
// bench sizes DEVICE IMAGE WHO MIB...    ... what a guest's memory costs
// bench guests DEVICE IMAGE WHO COUNT [CPUS]  ... and what a guest takes beside it
// bench linux WHO OTHER_CPU [NAMES]      ... what programs do, on the CPU it is pinned to
// bench trace FILE WHO CPU               ... how fast trace_raw or trace_pipe is read
// bench kvm-trace FOLDER FILE IMAGE WHO CPU   ... and Linux's own trace of KVM
//
// NAMES, separated by commas, choose measurements. Prints one JSON object a line, in TSC ticks.
#include <err.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "guest_bench.hpp"
#include "kick_bench.hpp"
#include "linux_bench.hpp"
#include "programs.hpp"
#include "size_bench.hpp"
#include "smp_bench.hpp"
#include "trace_bench.hpp"

namespace {

using Arguments = std::vector<std::string>;

struct Command {
    const char* name;
    std::size_t arguments;  // at least
    void (*run)(const Arguments& arguments);
};

unsigned number(const std::string& text) { return static_cast<unsigned>(std::stoul(text)); }
std::string optional(const Arguments& arguments, std::size_t index) {
    return index < arguments.size() ? arguments[index] : std::string();
}

constexpr Command commands[] = {
    {"guest", 3,
     [](const Arguments& of) { bench::measure_guest(of[0], of[1], of[2], optional(of, 3)); }},
    {"kick", 3, [](const Arguments& of) { bench::measure_kick(of[0], of[1], number(of[2])); }},
    {"kvm-kick", 4,
     [](const Arguments& of) { bench::measure_kvm_kick(of[0], of[1], number(of[2]), of[3]); }},
    {"smp", 4, [](const Arguments& of) { bench::measure_smp(of[0], of[1], of[2], number(of[3])); }},
    {"sizes", 4,
     [](const Arguments& of) {
         bench::measure_sizes(of[0], of[1], of[2], {of.begin() + 3, of.end()});
     }},
    {"guests", 4,
     [](const Arguments& of) {
         bench::measure_guests(of[0], of[1], of[2], number(of[3]), {of.begin() + 4, of.end()});
     }},
    {"linux", 2,
     [](const Arguments& of) { bench::measure_linux(of[0], number(of[1]), optional(of, 2)); }},
    {"trace", 3, [](const Arguments& of) { bench::measure_trace(of[0], of[1], number(of[2])); }},
    {"kvm-trace", 5,
     [](const Arguments& of) {
         bench::measure_kvm_trace(of[0], of[1], of[2], of[3], number(of[4]));
     }},
};

}  // namespace

int main(int count, char** values) {
    const Arguments arguments(values + std::min(count, 2), values + count);
    try {
        for (const Command& command : commands) {
            if (count < 2 || std::string(values[1]) != command.name ||
                arguments.size() < command.arguments)
                continue;
            bench::fix_addresses(values);
            command.run(arguments);
            return 0;
        }
        errx(2,
             "usage: bench guest|kick|kvm-kick|smp|sizes|guests|linux|trace|kvm-trace ... "
             "(see main.cpp)");
    } catch (const std::exception& failure) {
        errx(1, "%s", failure.what());
    }
}
