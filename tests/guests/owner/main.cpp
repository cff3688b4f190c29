// SPDX-License-Identifier: GPL-2.0-only
// owner [--device PATH] [--results FILE] [--bochs VERSION] IMAGE...: runs the cases' images by
// KVM's API and prints TAP. --bochs: the machine is Bochs, each version of which has its own
// faults.
//
// FILE gets what each case did that passed: its end, its output and its exits. Two devices have to
// agree on that.
#include <err.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "run.hpp"

namespace owner {
namespace {

struct Arguments {
    std::string device = "/dev/rmvisor";
    std::string results;
    std::string bochs;  // its version
    std::vector<std::string> images;
};

Arguments parse(int count, char** values) {
    Arguments arguments;
    for (int index = 1; index < count; ++index) {
        const std::string value = values[index];
        const bool has_next = index + 1 < count;
        if (value == "--device" && has_next)
            arguments.device = values[++index];
        else if (value == "--results" && has_next)
            arguments.results = values[++index];
        else if (value == "--bochs" && has_next)
            arguments.bochs = values[++index];
        else if (value.starts_with("-"))
            errx(2, "usage: owner [--device PATH] [--results FILE] [--bochs VERSION] IMAGE...");
        else
            arguments.images.push_back(value);
    }
    if (arguments.images.empty()) errx(2, "which images? usage: owner [--device PATH] IMAGE...");
    return arguments;
}

struct Need {
    const char* name;
    int capability;
    const char* what;
};

constexpr Need needs[] = {
    {"cpuid", KVM_CAP_EXT_CPUID, "KVM_SET_CPUID2"},
    {"interrupts", KVM_CAP_USER_NMI, "KVM_INTERRUPT and KVM_NMI"},
    {"debug", KVM_CAP_SET_GUEST_DEBUG, "KVM_SET_GUEST_DEBUG"},
    {"debugregs", KVM_CAP_DEBUGREGS, "KVM_GET_DEBUGREGS"},
    {"xcrs", KVM_CAP_XCRS, "XCR0"},
    {"irqchip", KVM_CAP_SPLIT_IRQCHIP, "local APICs (KVM_CAP_SPLIT_IRQCHIP)"},
    {"events", KVM_CAP_VCPU_EVENTS, "KVM_GET_VCPU_EVENTS"},
};

// Why this device can't be asked; empty if it can.
std::string missing(const Device& device, const Image& image) {
    // One CPU stays Linux's.
    const long vcpus = std::stol(image.option("vcpus", "1"));
    if (vcpus >= sysconf(_SC_NPROCESSORS_ONLN))
        return std::to_string(vcpus) + " vCPUs need " + std::to_string(vcpus + 1) + " CPUs";
    const std::string wanted = image.option("needs");
    for (const Need& need : needs)
        if (wanted == need.name)
            return device.has(need.capability) ? "" : std::string("the device has no ") + need.what;
    if (!wanted.empty()) errx(2, "%s: needs=%s is not known", image.name.c_str(), wanted.c_str());
    return {};
}

std::string wrong(const Image& image, const Outcome& outcome) {
    const std::string end = image.option("end", "exit 0");
    const std::string output = end == "exit 0" ? "passed\n" : "";
    if (outcome.end != end) return "it ended with '" + outcome.end + "', not with '" + end + "'";
    if (outcome.output != output) return "its output is '" + outcome.output + "'";
    return {};
}

void note_result(std::FILE* file, const Image& image, const Outcome& outcome) {
    if (file == nullptr) return;
    std::fprintf(file, "%s: %s, %zu bytes of output\n", image.name.c_str(), outcome.end.c_str(),
                 outcome.output.size());
    for (const std::string& exit : outcome.exits)
        std::fprintf(file, "%s: %s\n", image.name.c_str(), exit.c_str());
}

constexpr double slow = 1;  // seconds

// KVM in Bochs stands still now and then while several vCPUs run, and an interrupt of the host
// right behind a guest's exception takes the guest back to the instruction that made it
// (docs/found.md).
constexpr int reference_tries = 3;

class Report {
public:
    Report(std::FILE* results, std::string bochs) : results_(results), bochs_(std::move(bochs)) {}

    void plan(std::size_t count) { std::printf("1..%zu\n", count); }
    [[nodiscard]] bool all_good() const { return failed_ == 0; }

    void run(const Device& device, const Image& image, bool emulated) {
        ++number_;
        const std::string lacking = missing(device, image);
        const auto why_emulated = image.reason("emulated");
        if (!lacking.empty()) return skip(image, lacking);
        if (emulated && why_emulated) return skip(image, "it emulates real mode: " + *why_emulated);
        // KVM does in software what Bochs would get wrong.
        const auto why_bochs = image.reason("bochs");
        if (!bochs_.empty() && device.is_rmvisor() && why_bochs)
            return skip(image, "Bochs: " + *why_bochs);
        const auto known = known_to_fail(device, image);
        Outcome outcome = run_timed(device, image);
        std::string why = wrong(image, outcome);
        const int tries = is_kvm_in_bochs(device) && !known ? reference_tries : 1;
        for (int tried = 1; tried < tries && !why.empty(); ++tried) {
            std::printf("# %s once more: %s\n", image.name.c_str(), why.c_str());
            outcome = run_timed(device, image);
            why = wrong(image, outcome);
        }
        if (is_kvm_in_bochs(device) && stands_still(image, outcome))
            return skip(image, "KVM in Bochs stands still here, " + std::to_string(tries) +
                                   " times out of as many");
        if (why.empty()) note_result(results_, image, outcome);
        judge(image, outcome, why, known);
    }

private:
    static Outcome run_timed(const Device& device, const Image& image) {
        const auto start = std::chrono::steady_clock::now();
        Outcome outcome = run_case(device, image);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        if (took.count() > slow)
            std::printf("# %s took %.1f s\n", image.name.c_str(), took.count());
        return outcome;
    }

    [[nodiscard]] bool is_kvm_in_bochs(const Device& device) const {
        return !bochs_.empty() && !device.is_rmvisor();
    }

    [[nodiscard]] static bool stands_still(const Image& image, const Outcome& outcome) {
        return image.option("vcpus", "1") != "1" && outcome.end == no_end_in_time;
    }

    // Also by this version of Bochs: on both devices, or on KVM, which asks other things of it.
    [[nodiscard]] std::optional<std::string> known_to_fail(const Device& device,
                                                           const Image& image) const {
        const std::string name = device.is_rmvisor() ? "rmvisor" : "kvm";
        if (auto why = image.reason(name)) return why;
        if (bochs_.empty()) return std::nullopt;
        if (auto why = image.reason("bochs" + bochs_)) return why;
        return image.reason(name + "-bochs" + bochs_);
    }

    void skip(const Image& image, const std::string& reason) const {
        std::printf("ok %u - %s # SKIP %s\n", number_, image.name.c_str(), reason.c_str());
    }

    void judge(const Image& image, const Outcome& outcome, const std::string& why,
               const std::optional<std::string>& known) {
        if (known && !why.empty())
            return skip(image, "known to fail: " + *known + " (" + why + ")");
        if (why.empty() && !known) {
            std::printf("ok %u - %s\n", number_, image.name.c_str());
            return;
        }
        ++failed_;
        std::printf("not ok %u - %s\n", number_, image.name.c_str());
        if (known) std::printf("# it works now: take its mark away (%s)\n", known->c_str());
        if (!known) explain(outcome, why);
    }

    static void explain(const Outcome& outcome, const std::string& why) {
        constexpr std::size_t shown = 6;
        std::printf("# %s\n", why.c_str());
        const std::size_t count = outcome.exits.size();
        for (std::size_t index = count > shown ? count - shown : 0; index < count; ++index)
            std::printf("# before: %s\n", outcome.exits[index].c_str());
    }

    std::FILE* results_;
    std::string bochs_;
    unsigned number_ = 0;
    unsigned failed_ = 0;
};

// A signal has to interrupt KVM_RUN, and nothing more.
void catch_alarm() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
}

int run_all(const Arguments& arguments) {
    std::FILE* results =
        arguments.results.empty() ? nullptr : std::fopen(arguments.results.c_str(), "w");
    if (!arguments.results.empty() && results == nullptr) err(2, "%s", arguments.results.c_str());
    const Device device(arguments.device);
    // KVM turns VMX on for its first VM and off after its last one, which takes long.
    const Descriptor kept(OWNER_CALL(device.get(), KVM_CREATE_VM, nullptr));
    const bool emulated = !device.is_rmvisor() && emulates_real_mode(device);
    Report report(results, arguments.bochs);
    report.plan(arguments.images.size());
    for (const std::string& path : arguments.images) {
        report.run(device, read_image(path), emulated);
        std::fflush(stdout);
    }
    if (results != nullptr) std::fclose(results);
    return report.all_good() ? 0 : 1;
}

}  // namespace
}  // namespace owner

int main(int count, char** values) {
    const owner::Arguments arguments = owner::parse(count, values);
    owner::catch_alarm();
    try {
        return owner::run_all(arguments);
    } catch (const owner::CallFailed& failure) {
        errx(2, "%s", failure.what());
    }
}
