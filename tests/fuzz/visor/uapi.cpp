// SPDX-License-Identifier: GPL-2.0-only
// KVM's structs out of any bytes, through the shim's own ioctls to the visor: an answer that KVM's
// API knows, nothing read or written beyond what user space gave, nothing changed by what is
// refused, and never a VMCS that is broken where the visor answers for it.
#include <linux/kvm.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <vector>

#include "guest_rules.hpp"
#include "input.hpp"
#include "rm_guest/groups.hpp"
#include "rm_guest/with_apic.hpp"
#include "targets.hpp"
#include "uapi_calls.h"

namespace rmv {
namespace {

using Bytes = std::vector<u8>;

class FuzzedUapi : public WithApic {
    static constexpr u32 current_count = 0x390;

public:
    FuzzedUapi() { running = this; }
    void TestBody() override {}

    void run_all(fuzz::Input& input) {
        cpu.shared.apic = input.flip() ? VISOR_APIC_EMULATED : VISOR_APIC_NONE;
        reset();
        uapi_start();
        for (unsigned steps = 0; steps < 8 && !input.is_empty(); ++steps)
            input.pick(8) == 0 ? sync(input) : call(input);
        wake();
        run();
        expect_only_guest_rules_broken();
    }

    static int answer(const Status& status) { return status.ok() ? 0 : -EINVAL; }
    static inline FuzzedUapi* running = nullptr;
    using WithApic::cpu;

private:
    // A vCPU that is halted, or was never started, would wait in root for ever.
    void wake() {
        visor_group_data& data = cpu.shared.group_data;
        ASSERT_TRUE(get_group(cpu, VISOR_GROUP_EVENTS, data).ok());
        data.events.mp_state = VISOR_MP_RUNNABLE;
        ASSERT_TRUE(set_group(cpu, VISOR_GROUP_EVENTS, data).ok());
    }

    static void expect_known(const uapi_call& what, long result) {
        static const std::set<long> errors{-EINVAL, -EFAULT, -E2BIG, -EBUSY, -EEXIST};
        EXPECT_TRUE(result >= 0 || errors.contains(result)) << what.name << ' ' << result;
    }

    // What it reads back; the answer and the bytes.
    static Bytes read_back(const uapi_call& what) {
        Bytes bytes(what.bytes);
        uapi_user(bytes.data(), bytes.size());
        bytes.push_back(what.get(bytes.data()) == 0);
        return bytes;
    }
    static Bytes state() {
        Bytes all;
        for (u32 index = 0; index < uapi_call_count; ++index) {
            const uapi_call& what = uapi_calls[index];
            if (what.get == nullptr || what.entry_bytes != 0) continue;
            Bytes bytes = read_back(what);
            // The timer's count goes on by itself.
            if (what.bytes > current_count) std::fill_n(bytes.begin() + current_count, 4, 0);
            all.insert(all.end(), bytes.begin(), bytes.end());
        }
        return all;
    }

    // What is there, changed here and there; or of nothing but the input. The end may be missing.
    static Bytes argument_of(const uapi_call& what, fuzz::Input& input) {
        if (what.entry_bytes != 0) return list_of(what, input);
        Bytes bytes(what.bytes);
        if (what.get != nullptr && input.flip()) {
            bytes = read_back(what);
            bytes.resize(what.bytes);
            for (u32 changes = input.pick(6); changes != 0; --changes)
                bytes[input.pick(static_cast<u32>(bytes.size()))] ^= input.take<u8>();
        } else {
            input.take_bytes(bytes.data(), bytes.size());
        }
        if (input.pick(16) == 0) bytes.resize(input.pick(static_cast<u32>(bytes.size())));
        return bytes;
    }
    static Bytes list_of(const uapi_call& what, fuzz::Input& input) {
        const u32 there = input.pick(5), said = input.pick(4) == 0 ? input.take<u32>() : there;
        Bytes bytes(what.bytes + there * what.entry_bytes);
        input.take_bytes(bytes.data() + what.bytes, there * what.entry_bytes);
        for (u32 entry = 0; entry < there; ++entry)
            if (input.flip()) {  // an MSR, or a leaf, that there is
                const u32 number = visor_guest_msr(input.pick(20));
                std::memcpy(bytes.data() + what.bytes + entry * what.entry_bytes, &number, 4);
            }
        std::memcpy(bytes.data(), &said, sizeof(said));
        return bytes;
    }

    static void call(fuzz::Input& input) {
        const uapi_call& what = uapi_calls[input.pick(uapi_call_count)];
        Bytes bytes = argument_of(what, input);
        const Bytes before = state();
        uapi_user(bytes.data(), bytes.size());
        const long result = what.set(bytes.data());
        expect_known(what, result);
        // MSRs are set one by one.
        if (result < 0 && what.entry_bytes == 0) {
            EXPECT_EQ(state(), before) << what.name;
        }
        if (what.get == nullptr || what.entry_bytes == 0) return;
        uapi_user(bytes.data(), bytes.size());
        expect_known(what, what.get(bytes.data()));
    }

    static void sync(fuzz::Input& input) {
        auto* const run = static_cast<kvm_run*>(uapi_run_page());
        const Bytes before = state();
        run->kvm_valid_regs = input.number();
        run->kvm_dirty_regs = input.number();
        input.take_bytes(&run->s.regs, sizeof(run->s.regs));
        const long taken = uapi_take_sync_regs();
        EXPECT_TRUE(taken == 0 || taken == -EINVAL) << taken;
        if (taken != 0) {
            EXPECT_EQ(state(), before);
        }
        EXPECT_EQ(uapi_give_sync_regs(), 0);
    }
};

}  // namespace
}  // namespace rmv

using namespace rmv;

int uapi_get_group(unsigned group, void* data, size_t bytes) {
    Cpu& cpu = FuzzedUapi::running->cpu;
    visor_group_data& all = cpu.shared.group_data;
    const Status status = get_group(cpu, group, all);
    if (status.ok()) std::memcpy(data, &all, bytes);
    return FuzzedUapi::answer(status);
}

int uapi_set_group(unsigned group, const void* data, size_t bytes) {
    Cpu& cpu = FuzzedUapi::running->cpu;
    visor_group_data& all = cpu.shared.group_data;
    std::memcpy(&all, data, bytes);
    return FuzzedUapi::answer(set_group(cpu, group, all));
}

int uapi_move_msrs(int set, void* msrs, size_t bytes) {
    Cpu& cpu = FuzzedUapi::running->cpu;
    visor_group_data& all = cpu.shared.group_data;
    std::memcpy(&all, msrs, bytes);
    const Status status =
        set != 0 ? set_group(cpu, VISOR_GROUP_MSRS, all) : get_group(cpu, VISOR_GROUP_MSRS, all);
    if (status.ok()) std::memcpy(msrs, &all, bytes);
    return FuzzedUapi::answer(status);
}

void fuzz::uapi(std::span<const std::uint8_t> bytes) {
    fuzz::Input input{bytes};
    FuzzedUapi{}.run_all(input);
}
