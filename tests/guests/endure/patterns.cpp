// SPDX-License-Identifier: GPL-2.0-only
#include "patterns.hpp"

#include <asm/prctl.h>
#include <cpuid.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace endure {
namespace {

constexpr unsigned register_count = 16;
constexpr unsigned spins = 300000;

// What the CPU holds while it spins. The registers are loaded, kept and stored by one block of
// assembly, so that the compiler has no part in it.
struct State {
    alignas(32) std::uint8_t vectors[register_count][32];
    std::uint64_t gs_word;
    std::uint32_t mxcsr;
    std::uint16_t fcw;
    double x87;
};

bool has_avx() { return __builtin_cpu_supports("avx") != 0; }

#define EACH_REGISTER(what)                                                                  \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10) \
        what(11) what(12) what(13) what(14) what(15)
#define LOAD_YMM(n) "vmovups 32*" #n "(%[in]), %%ymm" #n "\n"
#define STORE_YMM(n) "vmovups %%ymm" #n ", 32*" #n "(%[out])\n"
#define LOAD_XMM(n) "movups 32*" #n "(%[in]), %%xmm" #n "\n"
#define STORE_XMM(n) "movups %%xmm" #n ", 32*" #n "(%[out])\n"
#define HOLD(load, store, more)                                                                    \
    asm volatile("ldmxcsr %[mxcsr]\n fldcw %[fcw]\n fldl %[x87]\n" EACH_REGISTER(                  \
                     load) "1: dec %[spins]\n jnz 1b\n" EACH_REGISTER(store) more                  \
                 "stmxcsr %[mxcsr_out]\n fnstcw %[fcw_out]\n fstpl %[x87_out]\n"                   \
                 "mov %%gs:0, %[gs]\n fninit\n ldmxcsr %[usual_mxcsr]\n"                           \
                 : [spins] "+r"(left), [mxcsr_out] "=m"(out.mxcsr), [fcw_out] "=m"(out.fcw),       \
                   [x87_out] "=m"(out.x87), [gs] "=&r"(out.gs_word)                                \
                 : [in] "r"(in.vectors), [out] "r"(out.vectors), [mxcsr] "m"(in.mxcsr),            \
                   [fcw] "m"(in.fcw), [x87] "m"(in.x87), [usual_mxcsr] "m"(usual_mxcsr)            \
                 : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", \
                   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

void hold(const State& in, State& out) {
    const std::uint32_t usual_mxcsr = 0x1f80;
    unsigned left = spins;
    if (has_avx())
        HOLD(LOAD_YMM, STORE_YMM, "vzeroupper\n");
    else
        HOLD(LOAD_XMM, STORE_XMM, "");
}

State pattern(unsigned seed) {
    State state{};
    for (unsigned index = 0; index < register_count; ++index)
        for (unsigned byte = 0; byte < (has_avx() ? 32u : 16u); ++byte)
            state.vectors[index][byte] = static_cast<std::uint8_t>(seed * 7 + index * 32 + byte);
    state.gs_word = 0x1234567800000000u + seed;
    state.mxcsr = 0x1f80 | ((seed & 3) << 13);  // rounding
    state.fcw =
        static_cast<std::uint16_t>(0x37f & ~0xc00u) | static_cast<std::uint16_t>((seed & 3) << 10);
    state.x87 = seed + 0.5;
    return state;
}

bool is_same(const State& left, const State& right) {
    return std::memcmp(left.vectors, right.vectors, sizeof(left.vectors)) == 0 &&
           left.gs_word == right.gs_word && left.mxcsr == right.mxcsr && left.fcw == right.fcw &&
           left.x87 == right.x87;
}

// Counts the writes of one variable by a debug register.
class Breakpoint {
public:
    Breakpoint() {
        perf_event_attr attributes{};
        attributes.type = PERF_TYPE_BREAKPOINT;
        attributes.size = sizeof(attributes);
        attributes.bp_type = HW_BREAKPOINT_W;
        attributes.bp_addr = reinterpret_cast<std::uintptr_t>(&watched_);
        attributes.bp_len = HW_BREAKPOINT_LEN_8;
        attributes.exclude_kernel = 1;
        file_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
    }
    ~Breakpoint() {
        if (file_ >= 0) close(file_);
    }
    Breakpoint(const Breakpoint&) = delete;
    Breakpoint& operator=(const Breakpoint&) = delete;

    [[nodiscard]] bool works() const { return file_ >= 0; }
    [[nodiscard]] bool counts() {
        watched_ = ++writes_;
        std::uint64_t seen = 0;
        return read(file_, &seen, sizeof(seen)) == sizeof(seen) && seen == writes_;
    }

private:
    int file_ = -1;
    volatile std::uint64_t watched_ = 0;
    std::uint64_t writes_ = 0;
};

bool has_protection_keys() {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr unsigned os_enabled = 1u << 4;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ecx & os_enabled) != 0;
}

std::uint32_t read_keys() {
    std::uint32_t value = 0, upper = 0;
    asm volatile(".byte 0x0f, 0x01, 0xee" : "=a"(value), "=d"(upper) : "c"(0));
    return value;
}

void write_keys(std::uint32_t value) {
    asm volatile(".byte 0x0f, 0x01, 0xef" ::"a"(value), "c"(0), "d"(0) : "memory");
}

void look_again_and_again(unsigned number, const std::atomic<bool>& stopping, Findings& findings) {
    State in = pattern(number);
    State out{};
    if (syscall(SYS_arch_prctl, ARCH_SET_GS, &in.gs_word) != 0) ++findings.registers_changed;
    Breakpoint breakpoint;
    if (!breakpoint.works()) findings.has_breakpoints = false;
    const bool has_keys = has_protection_keys();
    const std::uint32_t keys = has_keys ? (read_keys() & 0xffffff) | ((number + 1) << 24) : 0;
    findings.has_keys = has_keys;
    if (has_keys) write_keys(keys);
    for (unsigned round = 0; !stopping; ++round) {
        hold(in, out);
        ++findings.looks;
        if (!is_same(in, out)) ++findings.registers_changed;
        if (breakpoint.works() && !breakpoint.counts()) ++findings.breakpoints_missed;
        if (has_keys && read_keys() != keys) ++findings.keys_changed;
        usleep(1000);
    }
}

}  // namespace

PatternThreads::PatternThreads(unsigned count) {
    for (unsigned number = 0; number < count; ++number)
        threads_.emplace_back(look_again_and_again, number, std::cref(stopping_),
                              std::ref(findings_));
}

void PatternThreads::stop() {
    stopping_ = true;
    for (std::thread& thread : threads_)
        if (thread.joinable()) thread.join();
}

}  // namespace endure
