// SPDX-License-Identifier: GPL-2.0-only
#include "linux_bench.hpp"

#include <cpuid.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>

#include <linux/membarrier.h>

#include "pin.hpp"
#include "programs.hpp"
#include "samples.hpp"

namespace bench {
namespace {

constexpr unsigned floor_leaf = 0x524d5600;  // as kmod/fault_abi.h
constexpr std::size_t page_bytes = 4096;

void ask_cpuid(unsigned leaf) {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    __cpuid(leaf, eax, ebx, ecx, edx);
}

void touch_new_page() {
    void* page =
        mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) fail("mmap");
    *static_cast<volatile char*>(page) = 1;
    munmap(page, page_bytes);
}

// Two processes hand a byte to each other: four context switches a round trip, on one CPU.
class PingPong {
public:
    PingPong() {
        if (pipe(to_) != 0 || pipe(from_) != 0) fail("pipe");
        child_ = fork();
        if (child_ < 0) fail("fork");
        if (child_ == 0) answer();
    }
    PingPong(const PingPong&) = delete;
    PingPong& operator=(const PingPong&) = delete;
    ~PingPong() {
        close(to_[1]);
        waitpid(child_, nullptr, 0);
        for (const int file : {to_[0], from_[0], from_[1]}) close(file);
    }
    void play() const {
        char byte = 0;
        if (write(to_[1], &byte, 1) != 1 || read(from_[0], &byte, 1) != 1) fail("pipe");
    }

private:
    [[noreturn]] void answer() const {
        close(to_[1]);
        char byte = 0;
        while (read(to_[0], &byte, 1) == 1)
            if (write(from_[1], &byte, 1) != 1) break;
        _exit(0);
    }
    int to_[2]{}, from_[2]{};
    pid_t child_ = -1;
};

// Makes the kernel send an IPI to the partner's CPU and wait for it.
class Neighbour {
public:
    explicit Neighbour(unsigned cpu)
        : thread_([this, cpu] {
              pin(cpu);
              while (!ends_.load(std::memory_order_relaxed)) __builtin_ia32_pause();
          }) {
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0)
            fail("membarrier");
    }
    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;
    ~Neighbour() {
        ends_.store(true);
        thread_.join();
    }
    void interrupt() const {
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0)
            fail("membarrier");
    }

private:
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

// What a compiler does to memory: many small pieces, taken, filled, sorted, freed.
void work_on_memory() {
    std::vector<std::string> words;
    unsigned value = 1;
    for (int word = 0; word < 2000; ++word) {
        value = value * 1103515245 + 12345;
        words.push_back(std::to_string(value));
    }
    std::sort(words.begin(), words.end());
}

void do_nothing() {}

// Samples that are left out.
std::size_t warm_up(std::size_t count) { return std::min<std::size_t>(8, count / 2); }

// `batch` times the work is one sample, and the sample is the mean of these. `overhead` of a batch
// is taken off.
Samples repeat(std::size_t count, std::uint64_t batch, const std::function<void()>& work,
               std::uint64_t overhead) {
    const std::size_t first = warm_up(count);
    Samples samples;
    for (std::size_t round = 0; round < count + first; ++round) {
        const std::uint64_t start = now();
        for (std::uint64_t one = 0; one < batch; ++one) work();
        const std::uint64_t ticks = now() - start;
        if (round >= first) samples.push_back(ticks - std::min(ticks, overhead));
    }
    for (std::uint64_t& sample : samples) sample /= batch;
    return samples;
}

// Of Linux, on all CPUs; nothing where rmvisor is not loaded. Lines of numbers: CPU, reason; a
// name; Linux's exits, the guest's.
std::optional<std::uint64_t> exits() {
    std::ifstream file("/sys/kernel/debug/rmvisor/stats");
    if (!file) return std::nullopt;
    std::uint64_t sum = 0;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::uint64_t cpu = 0, reason = 0, count = 0;
        std::string name;
        if (words >> cpu >> reason >> name >> count) sum += count;
    }
    return sum;
}

void print_with_exits(const char* name, const std::string& who, std::size_t count,
                      std::uint64_t batch, const std::function<void()>& work) {
    const std::uint64_t overhead = median(repeat(200, batch, do_nothing, 0));
    const std::optional<std::uint64_t> before = exits();
    Samples samples = repeat(count, batch, work, overhead);
    const std::optional<std::uint64_t> after = exits();
    print(name, who, std::move(samples));
    const std::uint64_t operations = (count + warm_up(count)) * batch;
    if (before && after)
        print("exits of " + std::string(name), who, {(*after - *before) / operations});
}

}  // namespace

void measure_linux(const std::string& who, unsigned other_cpu, const std::string& names) {
    const auto wanted = [&](const std::string& name) {
        return names.empty() || ("," + names + ",").find("," + name + ",") != names.npos;
    };
    const auto one = [&](const char* name, std::size_t count, std::uint64_t batch,
                         const std::function<void()>& work) {
        if (wanted(name)) print_with_exits(name, who, count, batch, work);
    };
    one("cpuid", 200, 32, [] { ask_cpuid(0); });
    one("cpuid of leaf 1", 200, 32, [] { ask_cpuid(1); });
    if (!names.empty()) one("floor", 200, 32, [] { ask_cpuid(floor_leaf); });
    one("system call", 200, 32, [] { syscall(SYS_getppid); });
    one("page fault", 300, 1, touch_new_page);
    one("work on memory", 20, 1, work_on_memory);
    one("fork and exec", 20, 1, fork_and_exec);
    if (wanted("compile")) {
        const Compilation compilation;
        one("compile", 2, 1, [&] { compilation.run(); });
    }
    if (wanted("pipe round trip")) {
        const PingPong partner;
        one("pipe round trip", 300, 1, [&] { partner.play(); });
    }
    if (!wanted("IPI round trip")) return;
    const Neighbour neighbour(other_cpu);
    one("IPI round trip", 100, 8, [&] { neighbour.interrupt(); });
}

}  // namespace bench
