// SPDX-License-Identifier: GPL-2.0-only
// endure ROUNDS SEED IMAGE...: takes CPUs by /dev/rmvisor and gives them back, with random guests,
// signals and deaths of the owner, while threads of Linux look after their own state. Prints TAP.
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <random>

#include "../owner/run.hpp"
#include "patterns.hpp"

namespace endure {
namespace {

constexpr const char* device_path = "/dev/rmvisor";
constexpr int seconds_for_return = 30;

std::string first_line(const char* path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

bool all_online() {
    return first_line("/sys/devices/system/cpu/online") ==
           first_line("/sys/devices/system/cpu/present");
}

bool comes_back() {
    const std::time_t deadline = std::time(nullptr) + seconds_for_return;
    while (!all_online()) {
        if (std::time(nullptr) > deadline) return false;
        usleep(1000);
    }
    return true;
}

// ---- MSRs of Linux ----

constexpr std::array<std::uint32_t, 14> constant_msrs = {
    0x1b,  0x174,      0x175,      0x176,      0x1a0,      0x1d9,      0x277,
    0x2ff, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000103};

using MsrValues = std::map<std::pair<unsigned, std::uint32_t>, std::uint64_t>;

MsrValues read_msrs() {
    MsrValues values;
    const long count = sysconf(_SC_NPROCESSORS_CONF);
    for (unsigned cpu = 0; cpu < static_cast<unsigned>(count); ++cpu) {
        const std::string path = "/dev/cpu/" + std::to_string(cpu) + "/msr";
        const int file = open(path.c_str(), O_RDONLY);
        if (file < 0) err(2, "%s (load the module msr)", path.c_str());
        for (const std::uint32_t msr : constant_msrs) {
            std::uint64_t value = 0;
            if (pread(file, &value, sizeof(value), msr) == sizeof(value))
                values[{cpu, msr}] = value;
        }
        close(file);
    }
    return values;
}

std::string difference(const MsrValues& before, const MsrValues& after) {
    for (const auto& [where, value] : before) {
        const auto found = after.find(where);
        const std::uint64_t now = found == after.end() ? 0 : found->second;
        if (now == value) continue;
        char text[96];
        std::snprintf(text, sizeof(text), "MSR %x of CPU %u was %llx and is %llx", where.second,
                      where.first, static_cast<unsigned long long>(value),
                      static_cast<unsigned long long>(now));
        return text;
    }
    return {};
}

// ---- one round ----

enum class End { by_itself, killed, killed_after_signals };

struct Round {
    bool endless = false;
    bool interrupts_on = false;
    std::size_t image = 0;
    End end = End::by_itself;
    unsigned delay = 0;  // microseconds
};

class Endurance {
public:
    Endurance(unsigned seed, std::vector<owner::Image> images)
        : random_(seed), images_(std::move(images)) {}

    [[nodiscard]] std::string run(unsigned rounds) {
        for (unsigned number = 1; number <= rounds; ++number) {
            const Round round = choose();
            const std::string why = play(round);
            if (!why.empty())
                return "round " + std::to_string(number) + " (" + name(round) + "): " + why;
        }
        return {};
    }

    [[nodiscard]] std::string summary() const {
        return std::to_string(finished_) + " ended by themselves, " + std::to_string(killed_) +
               " owners were killed";
    }

private:
    unsigned below(unsigned limit) {
        return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_);
    }

    Round choose() {
        Round round;
        round.endless = below(3) == 0;
        round.interrupts_on = below(2) == 0;
        round.image = below(static_cast<unsigned>(images_.size()));
        round.end = round.endless || below(3) == 0 ? End::killed : End::by_itself;
        if (round.end == End::killed && below(2) == 0) round.end = End::killed_after_signals;
        round.delay = below(4) == 0 ? below(2000) : below(400000);
        return round;
    }

    [[nodiscard]] std::string name(const Round& round) const {
        const std::string guest = round.endless
                                      ? (round.interrupts_on ? "sti; jmp $" : "cli; jmp $")
                                      : images_[round.image].name;
        return guest + ", end " + std::to_string(static_cast<int>(round.end)) + " after " +
               std::to_string(round.delay) + " us";
    }

    [[nodiscard]] std::string play(const Round& round) {
        const pid_t child = fork();
        if (child < 0) err(2, "fork");
        if (child == 0) own(round);
        if (round.end != End::by_itself) end(child, round);
        int status = 0;
        if (waitpid(child, &status, 0) != child) err(2, "waitpid");
        if (!comes_back()) return "the CPU is not back";
        if (WIFSIGNALED(status)) {
            ++killed_;
            return WTERMSIG(status) == SIGKILL ? "" : "the owner died by another signal";
        }
        ++finished_;
        return WEXITSTATUS(status) == 0 ? "" : "the guest did not end as it should";
    }

    // In the child; never returns.
    [[noreturn]] void own(const Round& round) const {
        const owner::Device device(device_path);
        if (round.endless) {
            const std::uint8_t first = round.interrupts_on ? 0xfb : 0xfa;
            const owner::Image endless{
                .name = "endless", .code = {first, 0xeb, 0xfe}, .options = {}};
            for (;;) static_cast<void>(owner::run_case(device, endless));
        }
        const owner::Image& image = images_[round.image];
        const owner::Outcome outcome = owner::run_case(device, image);
        const bool good = outcome.end == image.option("end", "exit 0");
        if (!good) std::printf("# %s: %s\n", image.name.c_str(), outcome.end.c_str());
        std::fflush(stdout);
        _exit(good ? 0 : 1);
    }

    void end(pid_t child, const Round& round) {
        if (round.end == End::killed_after_signals)
            for (unsigned count = below(10); count != 0; --count) {
                usleep(below(10000));
                kill(child, SIGALRM);
            }
        usleep(round.delay);
        kill(child, SIGKILL);
    }

    std::mt19937 random_;
    std::vector<owner::Image> images_;
    unsigned finished_ = 0;
    unsigned killed_ = 0;
};

// ---- results ----

unsigned test_number = 0;
bool all_good = true;

void report(const std::string& name, const std::string& why) {
    std::printf("%sok %u - %s\n", why.empty() ? "" : "not ", ++test_number, name.c_str());
    if (!why.empty()) std::printf("# %s\n", why.c_str());
    all_good = all_good && why.empty();
    std::fflush(stdout);
}

void report_count(const std::string& name, unsigned long bad, const Findings& findings) {
    report(name, bad == 0 && findings.looks != 0
                     ? ""
                     : std::to_string(bad) + " of " + std::to_string(findings.looks) + " looks");
}

void skip(const std::string& name, const char* reason) {
    std::printf("ok %u - %s # SKIP %s\n", ++test_number, name.c_str(), reason);
}

void report_findings(const Findings& findings) {
    report_count("programs keep their vector, x87 and GS state", findings.registers_changed,
                 findings);
    if (findings.has_breakpoints)
        report_count("programs keep their breakpoints", findings.breakpoints_missed, findings);
    else
        skip("programs keep their breakpoints", "no hardware breakpoints by perf_event_open");
    if (findings.has_keys)
        report_count("programs keep their protection keys", findings.keys_changed, findings);
    else
        skip("programs keep their protection keys", "the CPU has none");
    std::printf("# the patterns were looked at %lu times\n", findings.looks.load());
}

// Cases that this device can't pass, or that need more than a plain run, are not for here.
std::vector<owner::Image> suitable(int count, char** paths) {
    std::vector<owner::Image> images;
    for (int index = 0; index < count; ++index) {
        owner::Image image = owner::read_image(paths[index]);
        if (!image.reason("rmvisor") && !image.reason("needs") && !image.reason("bochs") &&
            !image.reason("vcpus"))
            images.push_back(std::move(image));
    }
    if (images.empty()) errx(2, "no image is suitable");
    return images;
}

int run(int count, char** arguments) {
    if (count < 4) errx(2, "usage: endure ROUNDS SEED IMAGE...");
    const auto rounds = static_cast<unsigned>(std::strtoul(arguments[1], nullptr, 0));
    const auto seed = static_cast<unsigned>(std::strtoul(arguments[2], nullptr, 0));
    std::printf("1..5\n# seed %u\n", seed);
    std::fflush(stdout);
    const MsrValues before = read_msrs();
    Endurance endurance(seed, suitable(count - 3, arguments + 3));
    PatternThreads patterns(2);
    report(std::to_string(rounds) + " rounds: the CPU comes back", endurance.run(rounds));
    std::printf("# %s\n", endurance.summary().c_str());
    patterns.stop();
    report_findings(patterns.findings());
    report("the MSRs of Linux are as before", difference(before, read_msrs()));
    return all_good ? 0 : 1;
}

// In the owner, a signal interrupts KVM_RUN and nothing more.
void catch_alarm() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
}

}  // namespace
}  // namespace endure

int main(int count, char** arguments) {
    endure::catch_alarm();
    return endure::run(count, arguments);
}
