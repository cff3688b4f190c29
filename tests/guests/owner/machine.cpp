// SPDX-License-Identifier: GPL-2.0-only
#include "machine.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace owner {

CallFailed::CallFailed(const char* call, int number)
    : std::runtime_error(std::string(call) + ": " + std::strerror(number)), error_number(number) {}

Descriptor::~Descriptor() {
    if (number_ >= 0) close(number_);
}

Mapping::Mapping(std::size_t size, int descriptor) : size_(size) {
    const int flags = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    address_ = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, descriptor, 0);
    if (address_ == MAP_FAILED) throw CallFailed("mmap", errno);
}

Mapping::Mapping(Mapping&& other) noexcept : address_(other.address_), size_(other.size_) {
    other.address_ = nullptr;
}

Mapping::~Mapping() {
    if (address_ != nullptr) munmap(address_, size_);
}

int call(int descriptor, unsigned long request, const void* argument, const char* name) {
    const int result = ioctl(descriptor, request, argument);
    if (result < 0) throw CallFailed(name, errno);
    return result;
}

namespace {

const void* number(std::uintptr_t value) { return reinterpret_cast<const void*>(value); }

int open_device(const std::string& path) {
    const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) throw CallFailed(path.c_str(), errno);
    return descriptor;
}

}  // namespace

Device::Device(const std::string& path)
    : file_(open_device(path)), is_rmvisor_(path.find("rmvisor") != std::string::npos) {}

bool Device::has(int capability) const {
    return OWNER_CALL(get(), KVM_CHECK_EXTENSION, number(static_cast<unsigned>(capability))) > 0;
}

std::size_t Device::run_size() const {
    return static_cast<std::size_t>(OWNER_CALL(get(), KVM_GET_VCPU_MMAP_SIZE, nullptr));
}

Vcpu::Vcpu(const Device& device, int vm, unsigned number)
    : number_(number),
      file_(OWNER_CALL(vm, KVM_CREATE_VCPU, owner::number(number))),
      run_(device.run_size(), file_.get()) {}

int Vcpu::run() const { return ioctl(get(), KVM_RUN, nullptr) == 0 ? 0 : errno; }

kvm_run& Vcpu::page() const { return *reinterpret_cast<kvm_run*>(run_.data()); }

void Vcpu::start_at(std::uint16_t offset) const {
    kvm_sregs system{};
    OWNER_CALL(get(), KVM_GET_SREGS, &system);
    system.cs.base = 0;
    system.cs.selector = 0;
    OWNER_CALL(get(), KVM_SET_SREGS, &system);
    kvm_regs registers{};
    OWNER_CALL(get(), KVM_GET_REGS, &registers);
    registers.rip = offset;
    registers.rbx = number_;
    OWNER_CALL(get(), KVM_SET_REGS, &registers);
}

Machine::Machine(const Device& device, unsigned vcpus, bool with_apic)
    : vm_(OWNER_CALL(device.get(), KVM_CREATE_VM, nullptr)), memory_(memory_size, -1) {
    OWNER_CALL(vm_.get(), KVM_SET_TSS_ADDR, number(0xfffbd000));
    if (with_apic) {
        kvm_enable_cap capability{};
        capability.cap = KVM_CAP_SPLIT_IRQCHIP;
        OWNER_CALL(vm_.get(), KVM_ENABLE_CAP, &capability);
    }
    for (unsigned index = 0; index < vcpus; ++index) vcpus_.emplace_back(device, vm_.get(), index);
    set_region(0, memory_, 0);
}

void Machine::set_region(std::uint64_t address, const Mapping& mapping, std::uint32_t slot) const {
    const kvm_userspace_memory_region region{
        .slot = slot,
        .flags = 0,
        .guest_phys_addr = address,
        .memory_size = mapping.size(),
        .userspace_addr = reinterpret_cast<std::uintptr_t>(mapping.data())};
    OWNER_CALL(vm_.get(), KVM_SET_USER_MEMORY_REGION, &region);
}

void Machine::add_memory(std::uint64_t address, std::size_t size, std::uint32_t slot) {
    added_.emplace_back(size, -1);
    set_region(address, added_.back(), slot);
}

static void set_apic_id(kvm_cpuid_entry2& entry, std::uint32_t apic_id) {
    constexpr std::uint32_t features = 1, topology = 0xb, initial_id_shift = 24;
    if (entry.function == features)
        entry.ebx = (entry.ebx & ~(0xffu << initial_id_shift)) | apic_id << initial_id_shift;
    if (entry.function == topology) entry.edx = apic_id;
}

bool set_supported_cpuid(const Device& device, const Vcpu& vcpu, std::uint32_t apic_id,
                         const std::vector<kvm_cpuid_entry2>& more) {
    if (!device.has(KVM_CAP_EXT_CPUID)) return false;
    constexpr std::uint32_t most = 128;
    struct {
        ListHeader header{.count = most, .padding = 0};
        kvm_cpuid_entry2 entries[most]{};
    } table;
    call(device.get(), get_supported_cpuid, &table, "KVM_GET_SUPPORTED_CPUID");
    // KVM gives what a CPU of the machine says of itself.
    for (std::uint32_t index = 0; index < table.header.count; ++index)
        set_apic_id(table.entries[index], apic_id);
    for (const kvm_cpuid_entry2& entry : more) table.entries[table.header.count++] = entry;
    call(vcpu.get(), set_cpuid, &table, "KVM_SET_CPUID2");
    return true;
}

}  // namespace owner
