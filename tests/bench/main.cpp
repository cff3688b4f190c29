// SPDX-License-Identifier: GPL-2.0-only
// bench guest DEVICE IMAGE WHO [NAMES]   measures exits of a guest
// bench linux WHO OTHER_CPU [NAMES]      measures what programs do, on the CPU it is pinned to
//
// NAMES, separated by commas, choose measurements. Prints one JSON object a line, in TSC ticks.
#include <err.h>

#include <exception>
#include <string>
#include <vector>

#include "guest_bench.hpp"
#include "linux_bench.hpp"

int main(int count, char** values) {
    const std::vector<std::string> arguments(values + 1, values + count);
    const auto argument = [&](std::size_t index) {
        return index < arguments.size() ? arguments[index] : std::string();
    };
    try {
        if (argument(0) == "guest" && arguments.size() >= 4)
            bench::measure_guest(argument(1), argument(2), argument(3), argument(4));
        else if (argument(0) == "linux" && arguments.size() >= 3)
            bench::measure_linux(argument(1), static_cast<unsigned>(std::stoul(argument(2))),
                                 argument(3));
        else
            errx(2,
                 "usage: bench guest DEVICE IMAGE WHO [NAMES] | bench linux WHO OTHER_CPU [NAMES]");
    } catch (const std::exception& failure) {
        errx(1, "%s", failure.what());
    }
    return 0;
}
