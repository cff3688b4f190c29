// SPDX-License-Identifier: GPL-2.0-only
// A VM and its vCPUs, by KVM's API and nothing else. Every call that fails throws CallFailed.
#pragma once

#include <linux/kvm.h>
#include <sys/ioctl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace owner {

struct CallFailed : std::runtime_error {
    CallFailed(const char* call, int number);
    int error_number;
};

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor();
    [[nodiscard]] int get() const { return number_; }

private:
    int number_;
};

class Mapping {
public:
    Mapping(std::size_t size, int descriptor);
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&&) = delete;
    ~Mapping();
    [[nodiscard]] std::uint8_t* data() const { return static_cast<std::uint8_t*>(address_); }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    void* address_;
    std::size_t size_;
};

// The result of the call, or CallFailed.
int call(int descriptor, unsigned long request, const void* argument, const char* name);
#define OWNER_CALL(descriptor, request, argument) \
    ::owner::call(descriptor, request, argument, #request)

class Device {
public:
    explicit Device(const std::string& path);
    [[nodiscard]] int get() const { return file_.get(); }
    [[nodiscard]] bool has(int capability) const;
    [[nodiscard]] bool is_rmvisor() const { return is_rmvisor_; }
    [[nodiscard]] std::size_t run_size() const;

private:
    Descriptor file_;
    bool is_rmvisor_;
};

inline constexpr std::size_t memory_size = 2 << 20;
inline constexpr std::uint64_t load_address = 0x7c00;

class Vcpu {
public:
    Vcpu(const Device& device, int vm, unsigned number);

    // Errno of KVM_RUN, 0 if it came back with an exit.
    [[nodiscard]] int run() const;
    [[nodiscard]] kvm_run& page() const;
    [[nodiscard]] int get() const { return file_.get(); }
    [[nodiscard]] unsigned number() const { return number_; }

    // 0:offset, the vCPU's number in EBX, and all else as after a reset.
    void start_at(std::uint16_t offset) const;

private:
    unsigned number_;
    Descriptor file_;
    Mapping run_;
};

class Machine {
public:
    // With an APIC for each vCPU, only the first one runs before it has got INIT and SIPI.
    Machine(const Device& device, unsigned vcpus, bool with_apic);

    [[nodiscard]] const Vcpu& vcpu(unsigned number) const { return vcpus_.at(number); }
    [[nodiscard]] unsigned vcpu_count() const { return static_cast<unsigned>(vcpus_.size()); }
    [[nodiscard]] std::uint8_t* memory() const { return memory_.data(); }

    void add_memory(std::uint64_t address, std::size_t size, std::uint32_t slot);
    [[nodiscard]] std::uint8_t* added_memory() const { return added_.back().data(); }

private:
    void set_region(std::uint64_t address, const Mapping& mapping, std::uint32_t slot) const;

    Descriptor vm_;
    Mapping memory_;
    std::vector<Mapping> added_;
    std::vector<Vcpu> vcpus_;
};

// What begins kvm_cpuid2 and kvm_msrs. Their own definitions have another size in C++, since the
// header's way to declare a flexible array leaves an empty struct there, and with the size the
// number of the call.
struct ListHeader {
    std::uint32_t count;
    std::uint32_t padding;
};

inline constexpr unsigned long get_supported_cpuid = _IOWR(KVMIO, 0x05, ListHeader);
inline constexpr unsigned long set_cpuid = _IOW(KVMIO, 0x90, ListHeader);
inline constexpr unsigned long get_msrs = _IOWR(KVMIO, 0x88, ListHeader);
inline constexpr unsigned long set_msrs = _IOW(KVMIO, 0x89, ListHeader);

// Gives the vCPU what the device can virtualize, and its APIC id. False where it has no such call.
bool set_supported_cpuid(const Device& device, const Vcpu& vcpu, std::uint32_t apic_id,
                         const std::vector<kvm_cpuid_entry2>& more);

}  // namespace owner
