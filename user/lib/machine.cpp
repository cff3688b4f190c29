// SPDX-License-Identifier: GPL-2.0-only
#include "machine.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>

#include <cerrno>

#include "physical_space.hpp"
#include "read_file.hpp"

namespace rmguest {
namespace {

// Three pages below 4 GiB that KVM wants on CPUs without unrestricted guest; where QEMU puts them.
constexpr unsigned long tss_address = 0xfffbd000;

std::string why_no_memory(int error_number) {
    switch (error_number) {
        case ENOMEM:
        case EPERM:
            return "the guest's memory stays pinned: raise the limit (ulimit -l), or give less "
                   "--memory";
        default: return {};
    }
}

std::string why_not_this_cpu(int error_number, std::uint32_t cpu) {
    switch (error_number) {
        case EINVAL:
            return fmt::format(
                "CPU {} does not exist or is the boot CPU, which Linux keeps; see "
                "lscpu -e",
                cpu);
        case EEXIST: return "the vCPU exists already; this is a fault of rmguest";
        default: return {};
    }
}

std::string why_no_vcpu(int error_number, std::optional<std::uint32_t> cpu) {
    const std::string other = cpu ? "give another --cpu" : "try again later";
    switch (error_number) {
        case EBUSY:
            return "the CPU is taken already, or Linux will not let go of it (see dmesg); " + other;
        case ENODEV:
            return cpu ? fmt::format(
                             "CPU {} is offline: echo 1 | sudo tee "
                             "/sys/devices/system/cpu/cpu{}/online",
                             *cpu, *cpu)
                       : "no CPU can be taken: it needs one online besides the boot CPU; an "
                         "isolated one (isolcpus=) is taken only if --cpu names it";
        case EINVAL: return "the device refuses this vCPU; " + other;
        case EINTR: return "a signal came while the CPU was being taken; it stays with Linux";
        case EPERM:
        case EACCES: return "only root may take a CPU: use sudo";
        case ESHUTDOWN: return "the module is being unloaded, or the machine goes down";
        default: return "see dmesg";
    }
}

Outcome set_memory(const FileDescriptor& vm, const Mapping& memory,
                   const std::vector<MmioRange>& ranges) {
    kvm_userspace_memory_region region{};
    for (const MemoryPiece& piece : memory_without(memory.size(), ranges)) {
        region.guest_phys_addr = piece.address;
        region.memory_size = piece.size;
        region.userspace_addr = reinterpret_cast<std::uintptr_t>(memory.data()) + piece.address;
        if (::ioctl(vm.get(), KVM_SET_USER_MEMORY_REGION, &region) != 0) {
            return system_error("the device refuses the guest's memory", errno,
                                why_no_memory(errno));
        }
        ++region.slot;
    }
    return Done{};
}

}  // namespace

Outcome check_memory_size(std::uint64_t size) {
    if (size < page_size || size > largest_memory_size) {
        return Error{fmt::format("a guest can't have {:#x} bytes of memory", size),
                     "give --memory from 4K to 3G"};
    }
    if (size % page_size != 0) {
        return Error{fmt::format("the memory size {:#x} is not a number of 4 KiB pages", size),
                     fmt::format("give --memory {:#x}", (size / page_size + 1) * page_size)};
    }
    return Done{};
}

Result<Machine> Machine::create(Device device, std::uint64_t memory_size,
                                const std::vector<MmioRange>& ranges) {
    Mapping memory(::mmap(nullptr, memory_size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
                   memory_size);
    if (!memory) {
        return system_error("no memory for the guest", errno, "give less --memory");
    }
    FileDescriptor vm(::ioctl(device.descriptor.get(), KVM_CREATE_VM, 0));
    if (!vm) {
        return system_error(fmt::format("{} makes no VM", device.path), errno);
    }
    if (device.needs_tss_address && ::ioctl(vm.get(), KVM_SET_TSS_ADDR, tss_address) != 0) {
        return system_error("KVM_SET_TSS_ADDR failed", errno);
    }
    if (const auto set = set_memory(vm, memory, ranges); !set) {
        return set.error();
    }
    return Machine(std::move(device), std::move(memory), std::move(vm));
}

Outcome Machine::choose_cpu(std::uint32_t id, std::uint32_t cpu) {
    const rmvisor_vcpu_cpu choice{.vcpu_id = id, .cpu = cpu, .reserved = {}};
    if (::ioctl(vm_.get(), RMVISOR_SET_VCPU_CPU, &choice) != 0) {
        return system_error(fmt::format("CPU {} can't be given to a guest", cpu), errno,
                            why_not_this_cpu(errno, cpu));
    }
    return Done{};
}

Outcome Machine::create_apics() {
    kvm_enable_cap split{};
    split.cap = KVM_CAP_SPLIT_IRQCHIP;  // local APICs, and no other interrupt controller
    if (::ioctl(vm_.get(), KVM_ENABLE_CAP, &split) != 0) {
        return system_error(fmt::format("{} gives a guest no local APIC", device_.path), errno,
                            "give one CPU only, and leave --apic away");
    }
    return Done{};
}

Outcome Machine::pass_ports(const PortRange& range) {
    rmvisor_ports request{.first = range.first, .count = range.count, .flags = 0, .reserved = 0};
    if (!device_.is_rmvisor) {
        return Error{fmt::format("{} gives a guest no ports of the machine", device_.path), {}};
    }
    if (::ioctl(vm_.get(), RMVISOR_PASS_PORTS, &request) == 0) {
        return Done{};
    }
    if (errno == EBUSY) {
        const auto ioports = read_file("/proc/ioports");
        if (!ioports) {
            return ioports.error();
        }
        const std::string text(ioports->begin(), ioports->end());
        if (const auto checked = check_port_owner(text, range); !checked) {
            return checked;
        }
        request.flags = RMVISOR_PORTS_SHARED;
        if (::ioctl(vm_.get(), RMVISOR_PASS_PORTS, &request) == 0) {
            return Done{};
        }
    }
    return system_error(
        fmt::format("the guest can't have ports {:#x} to {:#x}", range.first, range.last()), errno,
        errno == EPERM ? "it takes CAP_SYS_RAWIO: use sudo" : "see dmesg");
}

Outcome Machine::set_name(const std::string& name) {
    rmvisor_name request{};
    if (!device_.is_rmvisor) {
        return Done{};
    }
    name.copy(request.name, sizeof(request.name) - 1);
    if (::ioctl(vm_.get(), RMVISOR_SET_NAME, &request) != 0) {
        return system_error(fmt::format("the module does not take the name '{}'", name), errno);
    }
    return Done{};
}

Outcome Machine::create_vcpu(std::optional<std::uint32_t> cpu) {
    const auto id = static_cast<std::uint32_t>(vcpus_.size());
    if (cpu) {
        if (const auto chosen = choose_cpu(id, *cpu); !chosen) {
            return chosen;
        }
    }
    FileDescriptor vcpu(::ioctl(vm_.get(), KVM_CREATE_VCPU, static_cast<unsigned long>(id)));
    if (!vcpu) {
        return system_error("the guest gets no CPU", errno, why_no_vcpu(errno, cpu));
    }
    Mapping page(
        ::mmap(nullptr, device_.run_page_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu.get(), 0),
        device_.run_page_size);
    if (!page) {
        return system_error("cannot map the vCPU's run page", errno);
    }
    vcpus_.push_back(
        std::make_unique<Vcpu>(id, std::move(vcpu), std::move(page), device_.is_rmvisor));
    return Done{};
}

}  // namespace rmguest
