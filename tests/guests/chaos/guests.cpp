// SPDX-License-Identifier: GPL-2.0-only
// Guests that nobody wrote. Each runs for a number of exits and a moment; every exit is one that
// KVM's API defines, and none says that the owner or the hypervisor is at fault.
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "chaos.hpp"

namespace chaos {
namespace {

constexpr std::size_t memory_bytes = 0x100000;
constexpr std::uint64_t start = 0x7c00;
constexpr unsigned most_exits = 300;

// What a template has open: b, w: a byte, a word; m: a ModRM byte with a register; p: a port of
// few.
struct Template {
    const char* bytes;  // hex, with those letters
    unsigned weight;
};

constexpr Template templates[] = {
    {"b8w", 6},    {"bbw", 4},    {"b9w", 4},    {"bew", 3},      {"bfw", 3},      {"bcw", 2},
    {"01m", 4},    {"29m", 4},    {"31m", 4},    {"39m", 4},      {"89m", 6},      {"8bm", 6},
    {"50", 3},     {"58", 3},     {"60", 1},     {"61", 1},       {"9c", 2},       {"9d", 2},
    {"ebb", 3},    {"74b", 3},    {"75b", 3},    {"e8w", 2},      {"c3", 1},       {"e2b", 2},
    {"cdb", 2},    {"cc", 1},     {"ce", 1},     {"cf", 1},       {"fa", 2},       {"fb", 2},
    {"e6p", 2},    {"e4p", 2},    {"e7p", 1},    {"ee", 1},       {"ec", 1},       {"6c", 1},
    {"6e", 1},     {"f36c", 1},   {"f36e", 1},   {"a4", 1},       {"aa", 2},       {"f3a4", 2},
    {"f3aa", 2},   {"fc", 1},     {"fd", 1},     {"8ed8", 2},     {"8ec0", 2},     {"8ed0", 1},
    {"0fa2", 2},   {"0f31", 2},   {"0f32", 1},   {"0f30", 1},     {"0f20c0", 2},   {"0f22c0", 2},
    {"0f20e0", 1}, {"0f22e0", 1}, {"0f22d8", 1}, {"0f0116ww", 1}, {"0f011eww", 1}, {"0f01e0", 1},
    {"0f01f0", 1}, {"0f06", 1},   {"0f09", 1},   {"0f08", 1},     {"0f01c1", 1},   {"0f01d1", 1},
    {"0f0b", 1},   {"f4", 1},     {"66b8ww", 3}, {"67668bb", 1},  {"2e8bm", 1},    {"f0ffm", 1},
    {"eaww", 1},   {"9aww", 1},   {"d9e8", 1},   {"0f6fm", 1},    {"0f23c0", 1},   {"0f21c0", 1},
    {"f1", 1},     {"d4b", 1},    {"f7f3", 1},   {"62m", 1},      {"0faa", 1},     {"f390", 1},
};

class Guest {
public:
    Guest(const char* device, unsigned seed) : random_{seed}, device_{device} {}

    void fill_with_bytes() {
        for (std::uint8_t& byte : code_) byte = static_cast<std::uint8_t>(random_());
    }

    void fill_with_instructions() {
        unsigned all = 0;
        for (const Template& one : templates) all += one.weight;
        for (std::size_t at = 0; at + 16 < code_.size();) {
            unsigned left = below(all);
            const Template* one = templates;
            while (left >= one->weight) left -= one++->weight;
            at = write(*one, at);
        }
    }

    bool run() {
        if (!set_up()) return false;
        for (unsigned exits = 0; exits < most_exits; ++exits) {
            if (ioctl(vcpu_, KVM_RUN, 0) < 0) {
                if (errno == EINTR) return true;  // the moment is over
                std::printf("# RUN: %s\n", std::strerror(errno));
                return false;
            }
            switch (run_->exit_reason) {
                case KVM_EXIT_IO: answer_io(); break;
                case KVM_EXIT_MMIO: return true;  // its owner would have to emulate it
                case KVM_EXIT_HLT:
                case KVM_EXIT_SHUTDOWN:
                case KVM_EXIT_INTERNAL_ERROR: return check_end();
                case KVM_EXIT_INTR: return true;
                default: std::printf("# exit %u\n", run_->exit_reason); return false;
            }
        }
        return true;
    }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

    static int nibble(char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; }

    // The letters b, w, m and p are no hexadecimal digits where a pair would begin.
    std::size_t write(const Template& one, std::size_t at) {
        static constexpr std::uint8_t ports[] = {0x20, 0x21, 0x60, 0x61, 0x80, 0xe9};
        const auto put = [&](unsigned byte) { code_[at++] = static_cast<std::uint8_t>(byte); };
        for (const char* c = one.bytes; *c != 0;) {
            const bool is_open = c[0] == 'w' || c[0] == 'm' || c[0] == 'p' ||
                                 (c[0] == 'b' && (c[1] == 0 || c[1] == 'w'));
            if (!is_open) {
                put(static_cast<unsigned>(nibble(c[0]) << 4 | nibble(c[1])));
                c += 2;
                continue;
            }
            switch (*c++) {
                case 'b': put(below(256)); break;
                case 'w': put(below(256)), put(below(4) ? 0x7c + below(4) : below(256)); break;
                case 'm': put(0xc0 | below(64)); break;
                default: put(ports[below(std::size(ports))]); break;
            }
        }
        return at;
    }

    bool fail(const char* what) {
        std::printf("# %s: %s\n", what, std::strerror(errno));
        return false;
    }

    bool set_up() {
        const int device = open(device_, O_RDWR | O_CLOEXEC);
        if (device < 0) return fail(device_);
        const int vm = ioctl(device, KVM_CREATE_VM, 0);
        if (vm < 0) return fail("KVM_CREATE_VM");
        ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000);  // KVM on some CPUs needs it
        auto* const memory = static_cast<std::uint8_t*>(mmap(
            nullptr, memory_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        std::memcpy(memory + start, code_.data(), code_.size());
        for (unsigned vector = 0; vector < 256; ++vector)  // handlers are in the noise, too
            memory[4 * vector + 1] = static_cast<std::uint8_t>(0x7c + vector % 16);
        kvm_userspace_memory_region region{0, 0, 0, memory_bytes,
                                           reinterpret_cast<std::uint64_t>(memory)};
        if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0) return fail("memory");
        vcpu_ = ioctl(vm, KVM_CREATE_VCPU, 0);
        if (vcpu_ < 0) return fail("KVM_CREATE_VCPU");
        const int bytes = ioctl(device, KVM_GET_VCPU_MMAP_SIZE, 0);
        run_ = static_cast<kvm_run*>(mmap(nullptr, static_cast<std::size_t>(bytes),
                                          PROT_READ | PROT_WRITE, MAP_SHARED, vcpu_, 0));
        if (run_ == MAP_FAILED) return fail("kvm_run");
        return start_vcpu();
    }

    bool start_vcpu() {
        kvm_sregs system{};
        if (ioctl(vcpu_, KVM_GET_SREGS, &system) < 0) return fail("KVM_GET_SREGS");
        system.cs.base = 0;
        system.cs.selector = 0;
        if (ioctl(vcpu_, KVM_SET_SREGS, &system) < 0) return fail("KVM_SET_SREGS");
        kvm_regs registers{};
        registers.rip = start;
        registers.rsp = 0x7000;
        registers.rflags = 2;
        if (ioctl(vcpu_, KVM_SET_REGS, &registers) < 0) return fail("KVM_SET_REGS");
        const itimerval soon{{0, 2000}, {0, 20000}};
        setitimer(ITIMER_REAL, &soon, nullptr);
        return true;
    }

    void answer_io() {
        auto* const data = reinterpret_cast<std::uint8_t*>(run_) + run_->io.data_offset;
        if (run_->io.direction == KVM_EXIT_IO_IN)
            for (unsigned i = 0; i < run_->io.size * run_->io.count; ++i)
                data[i] = static_cast<std::uint8_t>(random_());
    }

    // Its registers can be read, whatever it did.
    bool check_end() {
        kvm_regs registers{};
        kvm_sregs system{};
        if (ioctl(vcpu_, KVM_GET_REGS, &registers) < 0) return fail("KVM_GET_REGS");
        if (ioctl(vcpu_, KVM_GET_SREGS, &system) < 0) return fail("KVM_GET_SREGS");
        return true;
    }

    std::mt19937_64 random_;
    const char* device_;
    std::vector<std::uint8_t> code_ = std::vector<std::uint8_t>(0x4000);
    int vcpu_ = -1;
    kvm_run* run_ = nullptr;
};

bool run_guest(const char* device, unsigned seed, void (Guest::*fill)()) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
    Guest guest{device, seed};
    (guest.*fill)();
    return guest.run();
}

}  // namespace

bool byte_guest(const char* device, unsigned seed) {
    return run_guest(device, seed, &Guest::fill_with_bytes);
}

bool grammar_guest(const char* device, unsigned seed) {
    return run_guest(device, seed, &Guest::fill_with_instructions);
}

}  // namespace chaos
