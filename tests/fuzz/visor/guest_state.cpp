// SPDX-License-Identifier: GPL-2.0-only
// State groups out of any bytes, on a guest that was just reset. Accepted registers come back as
// they were given; what is the visor's in the VMCS stays whole.
#include "guest_rules.hpp"
#include "input.hpp"
#include "rm_guest/groups.hpp"
#include "rm_guest/with_apic.hpp"
#include "targets.hpp"

namespace rmv {
namespace {

class FuzzedState : public WithApic {
public:
    void TestBody() override {}

    void run_all(fuzz::Input& input) {
        cpu.shared.apic = input.flip() ? VISOR_APIC_EMULATED : VISOR_APIC_NONE;
        reset();
        for (unsigned steps = 0; steps < 8 && !input.is_empty(); ++steps) set_one(input);
        run();
        expect_only_guest_rules_broken();
    }

private:
    // Out of what the group holds now, changed here and there; or of nothing but the input.
    void set_one(fuzz::Input& input) {
        const u32 group = input.pick(VISOR_GROUP_COUNT);
        visor_group_data& data = cpu.shared.group_data;
        data = {};
        if (!get_group(cpu, group, data).ok()) return;
        auto* const bytes = reinterpret_cast<u8*>(&data);
        const u32 size = group == VISOR_GROUP_REGS ? sizeof(visor_vcpu_state) : sizeof(data);
        for (unsigned changes = 1 + input.pick(8); changes != 0; --changes)
            bytes[input.pick(size)] ^= input.take<u8>();
        // How many entries of a table are valid is the shim's to say.
        if (group == VISOR_GROUP_MSRS || group == VISOR_GROUP_CPUID) return;
        const visor_group_data given = data;
        const Status status = set_group(cpu, group, data);
        if (!status.ok() || group != VISOR_GROUP_REGS) return;
        visor_group_data back{};
        EXPECT_TRUE(get_group(cpu, group, back).ok());
        EXPECT_EQ(std::memcmp(&back.regs.gprs, &given.regs.gprs, sizeof(rmv_gprs)), 0);
        EXPECT_EQ(back.regs.rip, given.regs.rip);
        EXPECT_EQ(back.regs.cr3, given.regs.cr3);
        EXPECT_EQ(back.regs.cs.base, given.regs.cs.base);
    }
};

}  // namespace
}  // namespace rmv

void fuzz::guest_state(std::span<const std::uint8_t> bytes) {
    fuzz::Input input{bytes};
    rmv::FuzzedState{}.run_all(input);
}
