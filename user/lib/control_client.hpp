// SPDX-License-Identifier: GPL-2.0-only
//
// Talks to the control sockets of running guests (control_server.hpp).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "error.hpp"

namespace rmguest {

// The guest's answer, which says ok; an error of the guest is an Error here.
[[nodiscard]] Result<nlohmann::ordered_json> ask_guest(const std::string& name,
                                                       const nlohmann::ordered_json& request);

// The names of those that have a socket that somebody listens at, sorted.
[[nodiscard]] Result<std::vector<std::string>> guest_names();

// Whether somebody listens there still.
[[nodiscard]] bool is_guest_there(const std::string& name);

// The answers of all guests to "status". One that does not answer has a name and an error only.
[[nodiscard]] Result<std::vector<nlohmann::ordered_json>> guests_status();

}  // namespace rmguest
