// SPDX-License-Identifier: GPL-2.0-only
#include "programs.hpp"

#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "pin.hpp"

namespace bench {
namespace {

constexpr const char* compiler = "/usr/bin/gcc";
constexpr const char* own_program = "/proc/self/exe";

// As it is started from a shell with few variables. `arguments` end with a null pointer.
void run_program(const char* path, const char* const* arguments) {
    const pid_t child = vfork();
    if (child < 0) fail("vfork");
    if (child == 0) {
        execv(path, const_cast<char* const*>(arguments));
        _exit(127);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0)
        throw std::runtime_error(std::string(path) + " fails: wait status " +
                                 std::to_string(status));
}

}  // namespace

void fix_addresses(char** arguments) {
    constexpr unsigned long ask = 0xffffffff;
    const int now = personality(ask);
    if (now < 0) fail("personality");
    if ((now & ADDR_NO_RANDOMIZE) != 0) return;
    if (personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) < 0) fail("personality");
    execv(own_program, arguments);
    fail(own_program);
}

void fork_and_exec() {
    static constexpr const char* arguments[] = {"true", nullptr};
    run_program("/bin/busybox", arguments);
}

Compilation::Compilation()
    : source_(std::filesystem::read_symlink(own_program).replace_filename("unit.i").string()) {
    for (const char* file : {compiler, source_.c_str()})
        if (access(file, R_OK) != 0) fail(file);
}

void Compilation::run() const {
    const char* const arguments[] = {
        "gcc", "-pipe", "-O0", "-c", "-o", "/tmp/rmv-bench.o", source_.c_str(), nullptr};
    run_program(compiler, arguments);
}

}  // namespace bench
