// SPDX-License-Identifier: GPL-2.0-only
// ownership DEVICE: who may use a VM, and until when it lives: fork, dup, exec, threads, two
// owners. The answers are KVM's; on /dev/rmvisor the dedicated CPU goes and comes with them. Prints
// TAP.
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "../owner/machine.hpp"

namespace ownership {
namespace {

using owner::Device;
using owner::Vcpu;

constexpr int seconds_for_return = 20;

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

// A VM whose descriptors can be handled one by one.
class Vm {
public:
    explicit Vm(const Device& device)
        : run_size_(device.run_size()),
          vm_(OWNER_CALL(device.get(), KVM_CREATE_VM, nullptr)),
          memory_(owner::memory_size, -1) {
        const kvm_userspace_memory_region region{
            .slot = 0,
            .flags = 0,
            .guest_phys_addr = 0,
            .memory_size = memory_.size(),
            .userspace_addr = reinterpret_cast<std::uintptr_t>(memory_.data())};
        OWNER_CALL(vm_, KVM_SET_USER_MEMORY_REGION, &region);
    }
    ~Vm() { close_all(); }
    Vm(const Vm&) = delete;
    Vm& operator=(const Vm&) = delete;

    // sti; again: inc byte [800h]; jmp again, or with an OUT in it that comes back each time.
    void create_vcpu(bool with_exits) {
        static constexpr std::uint8_t endless[] = {0xfb, 0xfe, 0x06, 0x00, 0x08, 0xeb, 0xfa};
        static constexpr std::uint8_t exiting[] = {0xe6, 0x80, 0xeb, 0xfc};
        std::memcpy(memory_.data() + owner::load_address, with_exits ? exiting : endless,
                    with_exits ? sizeof(exiting) : sizeof(endless));
        vcpu_ = OWNER_CALL(vm_, KVM_CREATE_VCPU, nullptr);
        page_ = static_cast<kvm_run*>(
            mmap(nullptr, run_size_, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu_, 0));
        if (page_ == MAP_FAILED) err(2, "mmap");
        kvm_sregs system{};
        OWNER_CALL(vcpu_, KVM_GET_SREGS, &system);
        system.cs.base = system.cs.selector = 0;
        OWNER_CALL(vcpu_, KVM_SET_SREGS, &system);
        kvm_regs registers{};
        registers.rip = owner::load_address;
        registers.rflags = 2;
        OWNER_CALL(vcpu_, KVM_SET_REGS, &registers);
    }

    // 0, or the errno.
    [[nodiscard]] int run() const { return ioctl(vcpu_, KVM_RUN, nullptr) == 0 ? 0 : errno; }
    [[nodiscard]] int vcpu() const { return vcpu_; }
    [[nodiscard]] int vm() const { return vm_; }
    [[nodiscard]] kvm_run& page() const { return *page_; }
    [[nodiscard]] std::uint8_t counter() const {
        return *static_cast<volatile std::uint8_t*>(memory_.data() + 0x800);
    }

    void close_vm() {
        close(vm_);
        vm_ = -1;
    }
    void close_all() {
        if (page_ != nullptr) munmap(page_, run_size_);
        page_ = nullptr;
        for (int* file : {&vcpu_, &vm_}) {
            if (*file >= 0) close(*file);
            *file = -1;
        }
    }

private:
    std::size_t run_size_;
    int vm_;
    owner::Mapping memory_;
    int vcpu_ = -1;
    kvm_run* page_ = nullptr;
};

struct Context {
    const Device& device;

    // On KVM nothing is taken from Linux.
    [[nodiscard]] bool is_taken() const { return !device.is_rmvisor() || !all_online(); }
    [[nodiscard]] bool is_back() const {
        const std::time_t deadline = std::time(nullptr) + seconds_for_return;
        while (!all_online()) {
            if (std::time(nullptr) > deadline) return false;
            usleep(1000);
        }
        return true;
    }
};

template <typename Function>
int in_child(Function function) {
    const pid_t child = fork();
    if (child < 0) err(2, "fork");
    if (child == 0) _exit(function());
    int status = 0;
    if (waitpid(child, &status, 0) != child) err(2, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

std::string number(const char* what, int got, int wanted) {
    if (got == wanted) return {};
    return std::string(what) + ": " + std::to_string(got) + ", not " + std::to_string(wanted);
}

std::string duplicate_keeps_it(const Context& context) {
    Vm vm(context.device);
    vm.create_vcpu(true);
    const int copy = dup(vm.vcpu());
    vm.close_all();
    const bool kept = context.is_taken();
    close(copy);
    if (!kept) return "the CPU went back though a duplicate is open";
    return context.is_back() ? "" : "the CPU is not back after the last close";
}

std::string mapping_keeps_it(const Context& context) {
    Vm vm(context.device);
    vm.create_vcpu(true);
    const std::size_t size = context.device.run_size();
    void* page = mmap(nullptr, size, PROT_READ, MAP_SHARED, vm.vcpu(), 0);
    if (page == MAP_FAILED) err(2, "mmap");
    vm.close_all();
    const bool kept = context.is_taken();
    munmap(page, size);
    if (!kept) return "the CPU went back though its page is mapped";
    return context.is_back() ? "" : "the CPU is not back after munmap";
}

std::string child_may_not_run_it(const Context& context) {
    Vm vm(context.device);
    vm.create_vcpu(true);
    const int run = in_child([&] { return vm.run(); });
    kvm_regs registers{};
    const int get =
        in_child([&] { return ioctl(vm.vcpu(), KVM_GET_REGS, &registers) == 0 ? 0 : errno; });
    const std::string why =
        number("KVM_RUN of a child", run, EIO) + number("KVM_GET_REGS of a child", get, EIO);
    return why.empty() ? number("KVM_RUN afterwards", vm.run(), 0) : why;
}

std::string child_may_not_use_the_vm(const Context& context) {
    Vm vm(context.device);
    kvm_userspace_memory_region region{};
    const int create = in_child([&] { return ioctl(vm.vm(), KVM_CREATE_VCPU, 0) < 0 ? errno : 0; });
    const int memory = in_child(
        [&] { return ioctl(vm.vm(), KVM_SET_USER_MEMORY_REGION, &region) < 0 ? errno : 0; });
    return number("KVM_CREATE_VCPU of a child", create, EIO) +
           number("KVM_SET_USER_MEMORY_REGION of a child", memory, EIO);
}

std::string vcpu_outlives_the_vm(const Context& context) {
    Vm vm(context.device);
    vm.create_vcpu(true);
    vm.close_vm();
    const std::string why = number("KVM_RUN without the VM's descriptor", vm.run(), 0);
    vm.close_all();
    if (!why.empty()) return why;
    return context.is_back() ? "" : "the CPU is not back after the last close";
}

// The child holds the descriptors for as long as it lives.
std::string child_keeps_it(const Context& context) {
    auto* vm = new Vm(context.device);
    vm->create_vcpu(true);
    const pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    delete vm;
    const bool kept = context.is_taken();
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    if (!kept) return "the CPU went back though a child has it open";
    return context.is_back() ? "" : "the CPU is not back after the child's death";
}

// A descriptor of a VM or a vCPU closes on exec.
std::string exec_gives_it_back(const Context& context) {
    const pid_t child = fork();
    if (child == 0) {
        Vm vm(context.device);
        vm.create_vcpu(true);
        execl("/proc/self/exe", "ownership", "--sleep", nullptr);
        _exit(1);
    }
    usleep(200000);
    const bool back = context.is_back();
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return back ? "" : "the CPU is not back after exec";
}

// Signals until the vCPU's run is over.
std::string second_thread_waits(const Context& context) {
    Vm vm(context.device);
    vm.create_vcpu(false);
    std::atomic<int> first = -1;
    std::atomic<int> second = -1;
    std::thread runner([&] { first = vm.run(); });
    while (vm.counter() == 0) usleep(1000);
    std::thread other([&] { second = vm.run(); });
    usleep(100000);
    const bool waited = second == -1;
    vm.page().immediate_exit = 1;
    while (first == -1 || second == -1) {
        if (first == -1) pthread_kill(runner.native_handle(), SIGALRM);
        if (second == -1) pthread_kill(other.native_handle(), SIGALRM);
        usleep(10000);
    }
    runner.join();
    other.join();
    if (!waited) return number("KVM_RUN while another thread runs it", second, -1);
    return number("the first KVM_RUN", first, EINTR) + number("the second KVM_RUN", second, EINTR);
}

std::string another_thread_may_run_it(const Context& context) {
    Vm vm(context.device);
    vm.create_vcpu(true);
    int result = vm.run();
    if (result != 0) return number("KVM_RUN", result, 0);
    std::thread([&] { result = vm.run(); }).join();
    return number("KVM_RUN of another thread", result, 0);
}

// Every CPU that can be had is: one more owner is told so, and nothing changes.
std::string too_many_owners(const Context& context) {
    if (!context.device.is_rmvisor()) return {};
    std::vector<std::unique_ptr<Vm>> owners;
    const long cpus = sysconf(_SC_NPROCESSORS_CONF);
    for (long count = 0; count < cpus - 1; ++count) {
        owners.push_back(std::make_unique<Vm>(context.device));
        owners.back()->create_vcpu(true);
    }
    Vm last(context.device);
    int error = 0;
    try {
        last.create_vcpu(true);
    } catch (const owner::CallFailed& failure) {
        error = failure.error_number;
    }
    if (error != EBUSY && error != ENODEV) return number("one owner too many", error, ENODEV);
    for (const auto& vm : owners)
        if (const int result = vm->run(); result != 0)
            return number("an owner's KVM_RUN", result, 0);
    return {};
}

struct Test {
    const char* name;
    std::string (*run)(const Context&);
};

constexpr Test tests[] = {
    {"a duplicate of the vCPU's descriptor keeps it", duplicate_keeps_it},
    {"a mapping of its page keeps it", mapping_keeps_it},
    {"a child may not use it, and does not hurt it", child_may_not_run_it},
    {"nor its VM", child_may_not_use_the_vm},
    {"it runs when its VM's descriptor is closed", vcpu_outlives_the_vm},
    {"a child that has inherited it keeps it", child_keeps_it},
    {"exec closes it", exec_gives_it_back},
    {"a second thread's KVM_RUN waits for the first", second_thread_waits},
    {"another thread may run it later", another_thread_may_run_it},
    {"one owner more than there are CPUs", too_many_owners},
};

int run_all(const Device& device) {
    const Context context{device};
    unsigned count = 0;
    bool good = true;
    std::printf("1..%zu\n", std::size(tests));
    for (const Test& test : tests) {
        std::string why;
        try {
            why = test.run(context);
        } catch (const owner::CallFailed& failure) {
            why = failure.what();
        }
        if (!context.is_back()) why += " (a CPU stays away)";
        std::printf("%sok %u - %s\n", why.empty() ? "" : "not ", ++count, test.name);
        if (!why.empty()) std::printf("# %s\n", why.c_str());
        std::fflush(stdout);
        good = good && why.empty();
    }
    return good ? 0 : 1;
}

}  // namespace
}  // namespace ownership

int main(int count, char** arguments) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
    if (count == 2 && std::strcmp(arguments[1], "--sleep") == 0) return pause();
    if (count != 2) errx(2, "usage: ownership DEVICE");
    try {
        return ownership::run_all(ownership::Device(arguments[1]));
    } catch (const owner::CallFailed& failure) {
        errx(2, "%s", failure.what());
    }
}
