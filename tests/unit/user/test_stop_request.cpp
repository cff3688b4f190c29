// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "lib/stop_request.hpp"
#include "lib/write_all.hpp"

namespace rmguest {
namespace {

TEST(StopRequest, ASignalMakesItsDescriptorReadable) {
    StopRequest stop;
    pollfd place{.fd = stop.descriptor(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(stop.signal(), 0);
    EXPECT_EQ(::poll(&place, 1, 0), 0);
    std::raise(SIGTERM);
    EXPECT_EQ(stop.signal(), SIGTERM);
    EXPECT_EQ(::poll(&place, 1, 0), 1);
}

TEST(StopRequest, TheFirstSignalCounts) {
    StopRequest stop;
    std::raise(SIGALRM);
    std::raise(SIGINT);
    EXPECT_EQ(stop.signal(), SIGALRM);
}

TEST(StopRequest, ASecondSignalKills) {
    EXPECT_EXIT(
        {
            StopRequest stop;
            std::raise(SIGINT);
            std::raise(SIGINT);
        },
        testing::KilledBySignal(SIGINT), "");
}

TEST(StopRequest, HandlersAreGoneAfterwards) {
    { const StopRequest stop; }
    struct sigaction now {};
    ASSERT_EQ(::sigaction(SIGTERM, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_DFL);
}

TEST(StopRequest, ANewOneStartsClean) {
    {
        StopRequest stop;
        std::raise(SIGTERM);
    }
    const StopRequest stop;
    EXPECT_EQ(stop.signal(), 0);
}

TEST(StopRequest, HangUpStaysIgnored) {
    ::signal(SIGHUP, SIG_IGN);
    {
        const StopRequest stop;
        std::raise(SIGHUP);
        EXPECT_EQ(stop.signal(), 0);
    }
    ::signal(SIGHUP, SIG_DFL);
}

TEST(StopRequest, TheTimeoutEndsAWriteThatBlocks) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    StopRequest stop;
    stop.set_timeout(0.05);
    const std::string more_than_a_pipe_holds(1u << 21, 'x');
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(
        write_all(ends[1], more_than_a_pipe_holds, [&] { return stop.signal() != 0; }).ok());
    EXPECT_EQ(stop.signal(), SIGALRM);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(WriteAll, SaysWhyItFailed) {
    const auto written = write_all(-1, "text", nullptr);
    ASSERT_FALSE(written.ok());
    EXPECT_NE(written.error().what.find("Bad file descriptor"), std::string::npos);
}

}  // namespace
}  // namespace rmguest
