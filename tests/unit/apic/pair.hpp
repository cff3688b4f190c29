// SPDX-License-Identifier: GPL-2.0-only
// The visor's APIC and the reference, step by step side by side; what a step is comes from
// `random`.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

#include "reference.hpp"
#include "rm_guest/apic/access.hpp"

namespace rmv::apic {

class Pair {
public:
    Pair(std::function<u64()> random, u32 id) : random_{std::move(random)}, simple_{id} {
        reset(apic_, *page_, id, apic_base_default | mask(ApicBase::enabled, ApicBase::x2apic));
        write(0x80f, 0x1ff);
    }

    void step() {
        switch (pick(8)) {
            case 0: advance(pick(400)); break;
            case 1: vector(pick(4) ? 16 + pick(240) : pick(16)); break;
            case 2: take(); break;
            case 3: write(0x80b, 0); break;
            case 4: write(0x800 + pick(0x40), pick(3) ? pick(0x200) : random_()); break;
            case 5: write_timer(); break;
            case 6: write(0x80f, pick(4) ? 0x1ff : 0xff); break;
            case 7: write(0x808, pick(256)); break;
        }
        compare();
    }

private:
    u32 pick(u32 bound) { return static_cast<u32>(random_() % bound); }

    void advance(u64 ticks) {
        now_ += ticks;
        simple_.advance(ticks);
        run_timer(apic_, now_);
    }

    void vector(u32 number) {
        receive(apic_, static_cast<u8>(number));
        simple_.receive(number);
    }

    void take() {
        const auto vector = deliverable(apic_);
        if (vector) apic::take(apic_, *vector);
        const auto expected = simple_.take();
        EXPECT_EQ(vector.has_value(), expected.has_value());
        if (vector && expected) {
            EXPECT_EQ(u32{*vector}, *expected);
        }
    }

    void write(u32 msr, u64 value) {
        const auto result = write_msr(apic_, msr, value, now_);
        EXPECT_EQ(result.outcome != Written::fault, simple_.write(msr, value))
            << std::hex << msr << " = " << value;
        if (msr == 0x830 && result.outcome == Written::send) {
            EXPECT_EQ(result.icr, value & ~u64{icr_delivery_pending});
        }
    }

    // Counts stay small, so that timers run out.
    void write_timer() {
        const u64 deadline = now_ + pick(1000);
        switch (pick(4)) {
            case 0: write(0x832, (u64{pick(3)} << 17) | (u64{pick(2)} << 16) | pick(256)); break;
            case 1: write(0x838, pick(200)); break;
            case 2: write(0x83e, (pick(2) << 3) | pick(4)); break;
            case 3:
                apic_.timer.set_tsc_deadline(deadline);
                simple_.write_tsc_deadline(deadline);
                break;
        }
        advance(1);
    }

    void compare() {
        for (u32 msr = 0x800; msr < 0x840; ++msr)
            ASSERT_EQ(read_msr(apic_, msr, now_), simple_.read(msr)) << std::hex << msr;
    }

    std::function<u64()> random_;
    std::unique_ptr<ApicPage> page_ = std::make_unique<ApicPage>();
    LocalApic apic_{};
    reference::Apic simple_;
    u64 now_ = 0;
};

}  // namespace rmv::apic
