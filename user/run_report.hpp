// SPDX-License-Identifier: GPL-2.0-only
//
// What `rmguest run` says at the end.
#pragma once

#include <string>
#include <string_view>

#include "lib/machine.hpp"
#include "lib/ports.hpp"
#include "lib/run_loop.hpp"
#include "run_options.hpp"

namespace rmguest {

class RunReport {
public:
    explicit RunReport(const RunArguments& arguments) : arguments_(arguments) {}

    [[nodiscard]] Ports& ports() { return ports_; }
    // For --json, where the guest's output is part of the report.
    [[nodiscard]] Outcome keep_output(std::string_view text);
    // To stdout, as it comes.
    [[nodiscard]] Outcome pass_output(std::string_view text, const StopRequest& stop);
    void print(const RunResult& result, Machine& machine) const;
    // After the machine is gone; complains when Linux does not have the CPU again.
    void print_given_back(std::uint32_t cpu) const;

private:
    [[nodiscard]] bool wants_summary() const;
    void print_end(const RunResult& result, Machine& machine) const;
    void print_oddities(const RunResult& result) const;
    void print_summary(const RunResult& result, const Machine& machine) const;
    void print_json(const RunResult& result, Machine& machine) const;

    const RunArguments& arguments_;
    Ports ports_;
    std::string output_;
    bool in_midline_ = false;  // the guest's output on stdout
};

}  // namespace rmguest
