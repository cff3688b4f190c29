// SPDX-License-Identifier: GPL-2.0-only
#include "stats_switch.hpp"

#include <fstream>

namespace rmguest {

StatsSwitch::StatsSwitch(const std::string& debugfs) : path_(debugfs + "/stats_on") {
    char value = '1';
    std::ifstream(path_) >> value;
    if (value == '0') {
        was_off_ = static_cast<bool>(std::ofstream(path_) << "1\n" << std::flush);
    }
}

StatsSwitch::~StatsSwitch() {
    if (was_off_) {
        std::ofstream(path_) << "0\n" << std::flush;
    }
}

}  // namespace rmguest
