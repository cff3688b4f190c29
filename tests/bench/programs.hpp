// SPDX-License-Identifier: GPL-2.0-only
// Programs that Linux starts, as loads.
#pragma once

#include <string>

namespace bench {

// Starts this program anew with the addresses of its memory the same in each run, and so those of
// all that it starts: else chance decides how many page tables there are. Returns if they are
// already.
void fix_addresses(char** arguments);

// busybox' `true`. Throws std::system_error or std::runtime_error, as all of these.
void fork_and_exec();

// gcc, cc1 and as, with pipes between them: a C file beside this program (unit.i) to an object.
class Compilation {
public:
    // Throws where there is no compiler.
    Compilation();
    void run() const;

private:
    std::string source_;
};

}  // namespace bench
