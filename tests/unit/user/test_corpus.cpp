// SPDX-License-Identifier: GPL-2.0-only
// The inputs that fuzzing has found worth keeping: see tests/fuzz.
#include "../../fuzz/corpus.hpp"

#include "../../fuzz/user/decode.cpp"
#include "../../fuzz/user/emulator.cpp"
#include "../../fuzz/user/gdb.cpp"
#include "../../fuzz/user/image.cpp"
#include "../../fuzz/user/trace.cpp"

namespace {

TEST(Corpus, Decode) { fuzz::run_corpus("decode", fuzz::decode); }
TEST(Corpus, Emulator) { fuzz::run_corpus("emulator", fuzz::emulator); }
TEST(Corpus, Gdb) { fuzz::run_corpus("gdb", fuzz::gdb); }
TEST(Corpus, Image) { fuzz::run_corpus("image", fuzz::image); }
TEST(Corpus, Trace) { fuzz::run_corpus("trace", fuzz::trace); }

}  // namespace
