// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

namespace rmguest {

// Has the module measure how long exits take (debugfs stats_on) as long as this lives; it was off
// before, it is off again afterwards. Where it can't be switched, nothing is changed.
class StatsSwitch {
public:
    explicit StatsSwitch(const std::string& debugfs);
    ~StatsSwitch();
    StatsSwitch(const StatsSwitch&) = delete;
    StatsSwitch& operator=(const StatsSwitch&) = delete;

private:
    std::string path_;
    bool was_off_ = false;
};

}  // namespace rmguest
