// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>

#include "lib/injection.hpp"
#include "lib/runtime_folder.hpp"

namespace rmguest {
namespace {

TEST(Injection, VectorsGoWithThoseThatHaveOne) {
    EXPECT_EQ(parse_injection("irq", 0xff)->vector, 0xff);
    EXPECT_EQ(parse_injection("nmi", {})->kind, EventKind::nmi);
    EXPECT_FALSE(parse_injection("irq", {}).ok());
    EXPECT_FALSE(parse_injection("sipi", 0x100).ok());
    EXPECT_FALSE(parse_injection("init", 1).ok());
    EXPECT_FALSE(parse_injection("smi", {}).ok());
}

TEST(Injection, OnlyAnInterruptWithoutAnApicWaitsForTheGuest) {
    EXPECT_TRUE(waits_for_guest({EventKind::irq, 1}, EventRoute::no_apic));
    EXPECT_TRUE(waits_for_guest({EventKind::irq, 1}, EventRoute::calls));
    EXPECT_FALSE(waits_for_guest({EventKind::irq, 1}, EventRoute::messages));
    EXPECT_FALSE(waits_for_guest({EventKind::nmi}, EventRoute::no_apic));
}

TEST(GuestName, OnlyWhatMakesAFileName) {
    for (const char* good : {"a", "a.b-c_9", "A"}) {
        EXPECT_TRUE(check_guest_name(good).ok()) << good;
    }
    for (const std::string& bad : {std::string(), std::string(".a"), std::string("a/b"),
                                   std::string("a b"), std::string(65, 'a'), std::string("\xc3")}) {
        EXPECT_FALSE(check_guest_name(bad).ok()) << bad;
    }
    EXPECT_EQ(guest_name_of_image("/x/hello.bin"), "hello");
    EXPECT_EQ(guest_name_of_image("/x/a b.bin"), "a_b");
    EXPECT_EQ(guest_name_of_image("/x/.hidden"), "guest");
    EXPECT_TRUE(check_guest_name(guest_name_of_image(std::string(300, 'x'))).ok());
}

TEST(RuntimeFolder, MustBeOursAlone) {
    const std::string folder = testing::TempDir() + "rmguest_run";
    std::filesystem::remove_all(folder);
    EXPECT_TRUE(make_runtime_folder(folder).ok());
    EXPECT_TRUE(make_runtime_folder(folder).ok());
    ::chmod(folder.c_str(), 0777);
    EXPECT_FALSE(make_runtime_folder(folder).ok());
    std::filesystem::remove_all(folder);
    std::filesystem::create_symlink("/tmp", folder);
    EXPECT_FALSE(make_runtime_folder(folder).ok());
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace rmguest
