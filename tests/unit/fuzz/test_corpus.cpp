// SPDX-License-Identifier: GPL-2.0-only
// The inputs that fuzzing has found worth keeping, with the ordinary compiler and its sanitizers.
// The targets are compiled in here; their fixtures' sources too, since a suite has its own folder.
#include "../../fuzz/corpus.hpp"

#include "../../fuzz/visor/apic.cpp"
#include "../../fuzz/visor/ept.cpp"
#include "../../fuzz/visor/filter.cpp"
#include "../../fuzz/visor/guest_state.cpp"
#include "../../fuzz/visor/linux_exit.cpp"
#include "../../fuzz/visor/rm_exit.cpp"
#include "../../fuzz/visor/uapi.cpp"

namespace {

TEST(Corpus, Apic) { fuzz::run_corpus("apic", fuzz::apic); }
TEST(Corpus, Ept) { fuzz::run_corpus("ept", fuzz::ept); }
TEST(Corpus, Filter) { fuzz::run_corpus("filter", fuzz::filter); }
TEST(Corpus, GuestState) { fuzz::run_corpus("guest_state", fuzz::guest_state); }
TEST(Corpus, LinuxExit) { fuzz::run_corpus("linux_exit", fuzz::linux_exit); }
TEST(Corpus, Uapi) { fuzz::run_corpus("uapi", fuzz::uapi); }
TEST(Corpus, RmExit) { fuzz::run_corpus("rm_exit", fuzz::rm_exit); }

}  // namespace
