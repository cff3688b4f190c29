// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_memory.hpp"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace rmguest {
namespace {

template <typename T>
bool read_at(const FileDescriptor& file, std::uint64_t offset, T& value) {
    return ::pread(file.get(), &value, sizeof(value), static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(sizeof(value));
}

}  // namespace

KernelMemory::KernelMemory() : file_(::open("/proc/kcore", O_RDONLY | O_CLOEXEC)) {
    Elf64_Ehdr header{};
    if (!file_ || !read_at(file_, 0, header) || header.e_phentsize != sizeof(Elf64_Phdr)) {
        return;
    }
    for (unsigned index = 0; index < header.e_phnum; ++index) {
        Elf64_Phdr segment{};
        if (read_at(file_, header.e_phoff + index * sizeof(segment), segment) &&
            segment.p_type == PT_LOAD) {
            ranges_.push_back({segment.p_vaddr, segment.p_memsz, segment.p_offset});
        }
    }
}

std::size_t KernelMemory::read(std::uint64_t address, std::span<std::uint8_t> bytes) const {
    for (const Range& range : ranges_) {
        if (address < range.address || address - range.address >= range.size) {
            continue;
        }
        const std::uint64_t into = address - range.address;
        const auto size = std::min<std::uint64_t>(bytes.size(), range.size - into);
        const ssize_t count =
            ::pread(file_.get(), bytes.data(), size, static_cast<off_t>(range.offset + into));
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return 0;
}

}  // namespace rmguest
