// SPDX-License-Identifier: GPL-2.0-only
#include "device.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/kvm.h>
#include <linux/rmvisor.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace rmguest {
namespace {

std::string how_to_open(const std::string& path, int error_number) {
    const bool is_rmvisor = path == default_device;
    switch (error_number) {
        case ENOENT:
        case ENXIO:
        case ENODEV:
            return is_rmvisor ? "the module is not loaded: sudo insmod rmvisor.ko"
                              : "is the name right, and the driver loaded?";
        case EACCES:
        case EPERM:
            return is_rmvisor ? "only root may take a CPU: use sudo"
                              : "use sudo, or become a member of the device's group";
        case EBUSY: return "another program uses it";
        default: return {};
    }
}

int check_extension(const FileDescriptor& device, unsigned long capability) {
    return ::ioctl(device.get(), KVM_CHECK_EXTENSION, capability);
}

struct Need {
    unsigned long capability;
    const char* name;
};

constexpr Need needs[] = {
    {KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY"},
    {KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT"},
};

Outcome check_device(const FileDescriptor& device, const std::string& path) {
    const int version = ::ioctl(device.get(), KVM_GET_API_VERSION, 0);
    if (version != KVM_API_VERSION) {
        return Error{version < 0 ? fmt::format("{} does not speak KVM's API", path)
                                 : fmt::format("{} speaks version {} of KVM's API, not {}", path,
                                               version, KVM_API_VERSION),
                     "give --device /dev/rmvisor or --device /dev/kvm"};
    }
    for (const Need& need : needs) {
        if (check_extension(device, need.capability) <= 0) {
            return Error{fmt::format("{} lacks {}", path, need.name), "a newer kernel has it"};
        }
    }
    return Done{};
}

}  // namespace

Result<Device> open_device(const std::string& path) {
    FileDescriptor descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!descriptor) {
        return system_error(fmt::format("cannot open {}", path), errno, how_to_open(path, errno));
    }
    if (const auto checked = check_device(descriptor, path); !checked) {
        return checked.error();
    }
    const int abi = check_extension(descriptor, RMVISOR_CAP_ABI);
    if (abi > 0 && abi != RMVISOR_ABI_VERSION) {
        return Error{fmt::format("{} has version {} of rmvisor's ABI, and this rmguest version {}",
                                 path, abi, RMVISOR_ABI_VERSION),
                     "use the rmguest and the module of one build"};
    }
    const int page = ::ioctl(descriptor.get(), KVM_GET_VCPU_MMAP_SIZE, 0);
    if (page < static_cast<int>(sizeof(kvm_run))) {
        return page < 0 ? system_error("KVM_GET_VCPU_MMAP_SIZE failed", errno)
                        : Error{fmt::format("{} has a run page of {} bytes", path, page),
                                "the kernel's KVM API is older than this rmguest needs"};
    }
    const bool needs_tss = check_extension(descriptor, KVM_CAP_SET_TSS_ADDR) > 0;
    return Device{std::move(descriptor), path, abi > 0, needs_tss, static_cast<std::size_t>(page)};
}

}  // namespace rmguest
