// SPDX-License-Identifier: GPL-2.0-only
// Any request on any descriptor. What comes back does not matter; that it comes back does, and that
// Linux and the next owner are none the worse for it.
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/rmvisor.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "chaos.hpp"

namespace chaos {
namespace {

constexpr unsigned steps = 200;
constexpr std::size_t memory_bytes = 16 * 4096;

constexpr unsigned long requests[] = {
    KVM_GET_API_VERSION,
    KVM_CREATE_VM,
    KVM_CHECK_EXTENSION,
    KVM_GET_VCPU_MMAP_SIZE,
    KVM_GET_SUPPORTED_CPUID,
    KVM_GET_MSR_INDEX_LIST,
    KVM_CREATE_VCPU,
    KVM_SET_USER_MEMORY_REGION,
    KVM_SET_TSS_ADDR,
    KVM_SET_IDENTITY_MAP_ADDR,
    KVM_CREATE_IRQCHIP,
    KVM_ENABLE_CAP,
    KVM_RUN,
    KVM_GET_REGS,
    KVM_SET_REGS,
    KVM_GET_SREGS,
    KVM_SET_SREGS,
    KVM_GET_FPU,
    KVM_SET_FPU,
    KVM_GET_XSAVE,
    KVM_SET_XSAVE,
    KVM_GET_XCRS,
    KVM_SET_XCRS,
    KVM_GET_MSRS,
    KVM_SET_MSRS,
    KVM_SET_CPUID2,
    KVM_GET_CPUID2,
    KVM_GET_VCPU_EVENTS,
    KVM_SET_VCPU_EVENTS,
    KVM_GET_MP_STATE,
    KVM_SET_MP_STATE,
    KVM_GET_DEBUGREGS,
    KVM_SET_DEBUGREGS,
    KVM_GET_LAPIC,
    KVM_SET_LAPIC,
    KVM_INTERRUPT,
    KVM_NMI,
    KVM_SMI,
    KVM_SET_SIGNAL_MASK,
    KVM_SET_GUEST_DEBUG,
    KVM_TRANSLATE,
    KVM_GET_TSC_KHZ,
    KVM_KVMCLOCK_CTRL,
    RMVISOR_SET_VCPU_CPU,
    RMVISOR_GET_VCPU_INFO,
    RMVISOR_SET_BUDGET,
};

class Session {
public:
    Session(const char* device, unsigned seed) : random_{seed} {
        files_.push_back(open(device, O_RDWR | O_CLOEXEC));
        memory_ = map(memory_bytes, PROT_READ | PROT_WRITE);
        read_only_ = map(4096, PROT_READ);
        memory_[0] = 0xf4;  // HLT
    }

    [[nodiscard]] bool is_open() const { return files_[0] >= 0; }

    void step() {
        switch (below(12)) {
            case 0: make(ioctl(files_[0], KVM_CREATE_VM, 0)); break;
            case 1: make(ioctl(any_file(), KVM_CREATE_VCPU, below(3))); break;
            case 2: set_memory(); break;
            case 3: run(); break;
            case 4: forget(); break;
            default: any_request(); break;
        }
    }

private:
    static std::uint8_t* map(std::size_t bytes, int protection) {
        return static_cast<std::uint8_t*>(
            mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    }
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    int any_file() { return files_[below(static_cast<unsigned>(files_.size()))]; }
    void make(int file) {
        if (file >= 0) files_.push_back(file);
    }

    void forget() {
        if (files_.size() < 4) return;
        const unsigned index = 1 + below(static_cast<unsigned>(files_.size()) - 1);
        close(files_[index]);
        if (below(4) != 0) files_.erase(files_.begin() + index);  // else a closed one stays
    }

    void set_memory() {
        kvm_userspace_memory_region region{};
        region.slot = below(4);
        region.flags = below(8) == 0 ? below(16) : 0;
        region.guest_phys_addr = below(4) != 0 ? 4096u * below(16) : random_();
        region.memory_size = below(4) != 0 ? 4096u * below(17) : random_();
        region.userspace_addr =
            reinterpret_cast<std::uint64_t>(memory_) + (below(8) == 0 ? below(1 << 20) : 0);
        ioctl(any_file(), KVM_SET_USER_MEMORY_REGION, &region);
    }

    // An alarm ends it: SIGALRM's handler does nothing, the ioctl comes back with EINTR.
    void run() {
        const itimerval soon{{0, 2000}, {0, 3000}}, off{};
        setitimer(ITIMER_REAL, &soon, nullptr);
        ioctl(any_file(), KVM_RUN, 0);
        setitimer(ITIMER_REAL, &off, nullptr);
    }

    // A good struct that was read a moment ago, changed in a few places; or nothing but noise.
    void any_request() {
        const unsigned long request = requests[below(std::size(requests))];
        if (request == KVM_RUN) return run();
        if (below(3) == 0)
            for (std::uint8_t& byte : buffer_) byte = static_cast<std::uint8_t>(random_());
        else if (below(4) == 0)
            buffer_.fill(0);
        for (unsigned changes = below(6); changes != 0; --changes)
            buffer_[below(512)] = static_cast<std::uint8_t>(below(4) == 0 ? random_() : below(4));
        const std::uint64_t tails[] = {0, 1, 4096, ~std::uint64_t{0},
                                       reinterpret_cast<std::uint64_t>(read_only_)};
        const std::uint64_t argument = below(6) != 0
                                           ? reinterpret_cast<std::uint64_t>(buffer_.data())
                                           : tails[below(std::size(tails))];
        const unsigned long odd = below(32) == 0 ? random_() : 0;
        make_if_new(request, ioctl(any_file(), request ^ odd, argument));
    }

    void make_if_new(unsigned long request, int result) {
        if (request == KVM_CREATE_VM || request == KVM_CREATE_VCPU) make(result);
    }

    std::mt19937_64 random_;
    std::vector<int> files_;
    std::uint8_t* memory_ = nullptr;
    std::uint8_t* read_only_ = nullptr;
    std::array<std::uint8_t, 16384> buffer_{};
};

}  // namespace

bool ioctls(const char* device, unsigned seed) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
    Session session{device, seed};
    if (!session.is_open()) {
        std::printf("# %s can't be opened\n", device);
        return false;
    }
    for (unsigned i = 0; i < steps; ++i) session.step();
    return true;
}

}  // namespace chaos
