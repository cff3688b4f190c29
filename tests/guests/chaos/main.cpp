// SPDX-License-Identifier: GPL-2.0-only
// chaos DEVICE ROUNDS SEED: random ioctls, and guests made of random bytes and of random
// instructions. Every round is a process of its own with an end in sight; the seed of a round that
// goes wrong is printed and plays it alone (ROUNDS = 1). Prints TAP.
#include <err.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "chaos.hpp"

namespace chaos {
namespace {

constexpr int seconds_for_round = 20;

// Empty if the child came to its own end, else what happened.
std::string outcome_of(pid_t child) {
    const std::time_t deadline = std::time(nullptr) + seconds_for_round;
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (std::time(nullptr) > deadline) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return "no end in " + std::to_string(seconds_for_round) + " s";
        }
        usleep(500);
    }
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? "" : "see above";
}

bool play(const char* what, Round* round, const char* device, unsigned rounds, unsigned seed) {
    for (unsigned i = 0; i < rounds; ++i) {
        std::fflush(stdout);
        const pid_t child = fork();
        if (child < 0) err(2, "fork");
        if (child == 0) {
            const bool good = round(device, seed + i);
            std::fflush(stdout);
            _exit(good ? 0 : 1);
        }
        const std::string why = outcome_of(child);
        if (!why.empty()) {
            std::printf("# %s, seed %u: %s\n", what, seed + i, why.c_str());
            return false;
        }
    }
    return true;
}

}  // namespace
}  // namespace chaos

int main(int argc, char** argv) {
    using namespace chaos;
    if (argc != 4) errx(2, "usage: chaos DEVICE ROUNDS SEED");
    const unsigned rounds = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 0));
    const unsigned seed = static_cast<unsigned>(std::strtoul(argv[3], nullptr, 0));
    const struct {
        const char* name;
        Round* round;
    } kinds[] = {{"random ioctls", ioctls},
                 {"guests of random bytes", byte_guest},
                 {"guests of random instructions", grammar_guest}};
    std::printf("1..%zu\n", std::size(kinds));
    int number = 0, failed = 0;
    for (const auto& kind : kinds) {
        const bool good = play(kind.name, kind.round, argv[1], rounds, seed);
        failed += !good;
        std::printf("%sok %d - %u rounds of %s, seed %u\n", good ? "" : "not ", ++number, rounds,
                    kind.name, seed);
        std::fflush(stdout);
    }
    return failed != 0;
}
