// SPDX-License-Identifier: GPL-2.0-only
#include "native_cpu.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace rmguest {
namespace {

constexpr std::size_t code_size = 4096;
constexpr std::size_t data_size = 8192;

class Assembler {
public:
    explicit Assembler(std::uint8_t* at) : at_(at) {}
    void bytes(std::initializer_list<std::uint8_t> code) {
        bytes(std::span(code.begin(), code.size()));
    }
    void bytes(std::span<const std::uint8_t> code) {
        std::memcpy(at_, code.data(), code.size());
        at_ += code.size();
    }
    // OPCODE r64, [absolute], or the other way around
    void with_absolute(std::uint8_t opcode, unsigned reg, const void* address,
                       bool is_wide = true) {
        if (is_wide) {
            bytes({static_cast<std::uint8_t>(reg < 8 ? 0x48 : 0x4c)});
        }
        bytes({opcode, static_cast<std::uint8_t>(((reg & 7) << 3) | 4), 0x25});
        const auto low = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(address));
        std::memcpy(at_, &low, 4);
        at_ += 4;
    }

private:
    std::uint8_t* at_;
};

constexpr std::uint8_t mov_load = 0x8b;
constexpr std::uint8_t mov_store = 0x89;
constexpr unsigned rsp = 4;

}  // namespace

struct NativeCpu::Block {
    std::array<std::uint8_t, code_size> code;
    std::array<std::uint8_t, data_size> data;
    NativeState state;
};

NativeCpu::NativeCpu() {
    void* memory = ::mmap(nullptr, sizeof(Block), PROT_READ | PROT_WRITE | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (memory == MAP_FAILED) {
        std::abort();
    }
    block_ = static_cast<Block*>(memory);
}

NativeCpu::~NativeCpu() { ::munmap(block_, sizeof(Block)); }

std::span<std::uint8_t> NativeCpu::data() { return block_->data; }

void NativeCpu::execute(std::span<const std::uint8_t> instruction, NativeState& state) {
    NativeState& shared = block_->state;
    shared = state;
    Assembler code(block_->code.data());
    code.bytes({0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57});  // push rbx .. r15
    code.with_absolute(mov_store, rsp, &shared.host_stack);
    code.with_absolute(0xff, 6, &shared.flags, false);  // push
    code.bytes({0x9d});                                 // popfq
    for (unsigned number = 0; number < 16; ++number) {
        code.with_absolute(mov_load, number, &shared.general[number]);
    }
    code.bytes(instruction);
    for (unsigned number = 0; number < 16; ++number) {
        code.with_absolute(mov_store, number, &shared.general[number]);
    }
    code.with_absolute(mov_load, rsp, &shared.host_stack);
    code.bytes({0x9c});                                 // pushfq
    code.with_absolute(0x8f, 0, &shared.flags, false);  // pop
    code.bytes({0xfc});                                 // cld, as C++ expects
    code.bytes({0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3});
    reinterpret_cast<void (*)()>(block_->code.data())();
    state = shared;
}

}  // namespace rmguest
