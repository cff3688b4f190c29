// SPDX-License-Identifier: GPL-2.0-only
// INIT, start-up IPI and NMI in every state, and the inbox that brings them.
#include <gtest/gtest.h>

#include "rm_guest/apic/startup.hpp"

namespace rmv::apic {
namespace {

using enum MpState;

constexpr Arrived nothing{};
constexpr Arrived init{.init = true};
constexpr Arrived startup{.startup = true, .startup_vector = 0x9a};
constexpr Arrived init_and_startup{.init = true, .startup = true, .startup_vector = 0x9a};
constexpr Arrived nmi{.nmi = true};

struct Case {
    const char* what;
    MpState state;
    Arrived arrived;
    bool bootstrap;
    Start expected;
};

constexpr Case cases[] = {
    {"INIT to the running BSP", runnable, init, true, {runnable, true, {}, false}},
    {"INIT to a running AP", runnable, init, false, {init_received, true, {}, false}},
    {"INIT to the halted BSP", halted, init, true, {runnable, true, {}, false}},
    {"INIT to a halted AP", halted, init, false, {init_received, true, {}, false}},
    {"INIT to a new AP", uninitialized, init, false, {init_received, true, {}, false}},
    {"a second INIT", init_received, init, false, {init_received, true, {}, false}},
    {"SIPI to the running BSP", runnable, startup, true, {runnable, false, {}, false}},
    {"SIPI to a running AP", runnable, startup, false, {runnable, false, {}, false}},
    {"SIPI to a halted AP", halted, startup, false, {halted, false, {}, false}},
    {"SIPI without INIT", uninitialized, startup, false, {uninitialized, false, {}, false}},
    {"SIPI after INIT", init_received, startup, false, {runnable, false, 0x9a, false}},
    {"INIT and SIPI together", runnable, init_and_startup, false, {runnable, true, 0x9a, false}},
    {"INIT and SIPI to the BSP", runnable, init_and_startup, true, {runnable, true, {}, false}},
    {"NMI while waiting for SIPI", init_received, nmi, false, {init_received, false, {}, true}},
    {"NMI to a running CPU", runnable, nmi, true, {runnable, false, {}, true}},
    {"nothing", halted, nothing, false, {halted, false, {}, false}},
};

TEST(Startup, EveryStateAndSignal) {
    for (const Case& c : cases)
        EXPECT_EQ(accept(c.state, c.arrived, c.bootstrap), c.expected) << c.what;
}

constexpr u32 tag = 7;

class InboxTest : public ::testing::Test {
protected:
    InboxTest() { inbox.open(tag); }
    Inbox inbox;
};

TEST_F(InboxTest, TheFirstOfTwoStartupsCounts) {
    EXPECT_TRUE(inbox.post_init(tag) && inbox.post_startup(tag, 0x10) &&
                inbox.post_startup(tag, 0x20));
    EXPECT_EQ(inbox.take_arrived(),
              (Arrived{.init = true, .startup = true, .startup_vector = 0x10}));
    EXPECT_EQ(inbox.take_arrived(), Arrived{});
}

TEST_F(InboxTest, AnInitOvertakesWhatWasThere) {
    EXPECT_TRUE(inbox.post_nmi(tag) && inbox.post_startup(tag, 0x10) && inbox.post_init(tag));
    EXPECT_EQ(inbox.take_arrived(), Arrived{.init = true});
    EXPECT_TRUE(inbox.post_init(tag) && inbox.post_nmi(tag));
    EXPECT_EQ(inbox.take_arrived(), (Arrived{.init = true, .nmi = true}));
}

TEST_F(InboxTest, VectorsAreASet) {
    EXPECT_TRUE(inbox.is_empty());
    EXPECT_TRUE(inbox.post_vector(tag, 0x41) && inbox.post_vector(tag, 0x41) &&
                inbox.post_vector(tag, 0xff) && inbox.post_vector(tag, 0x20));
    EXPECT_FALSE(inbox.is_empty());
    EXPECT_EQ(inbox.take_vectors(2), 2u);
    EXPECT_EQ(inbox.take_vectors(7), 1u << 31);
    EXPECT_EQ(inbox.take_vectors(1), 1u);
    EXPECT_EQ(inbox.take_vectors(1), 0u);
    EXPECT_TRUE(inbox.is_empty());
}

TEST_F(InboxTest, APostForAnotherGuestIsDropped) {
    EXPECT_FALSE(inbox.post_vector(tag + 1, 0x41));
    EXPECT_FALSE(inbox.post_init(tag + 1) || inbox.post_startup(tag + 1, 1) ||
                 inbox.post_nmi(tag + 1));
    EXPECT_TRUE(inbox.is_empty());
    EXPECT_TRUE(inbox.post_nmi(tag));
    inbox.open(tag + 1);
    EXPECT_TRUE(inbox.is_empty()) << "what the last guest left";
    inbox.close();
    EXPECT_FALSE(inbox.post_nmi(tag + 1));
    EXPECT_FALSE(inbox.post_nmi(Inbox::closed));
}

}  // namespace
}  // namespace rmv::apic
