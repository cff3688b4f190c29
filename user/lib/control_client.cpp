// SPDX-License-Identifier: GPL-2.0-only
#include "control_client.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "near_names.hpp"
#include "runtime_folder.hpp"
#include "unix_socket.hpp"

namespace rmguest {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr int answer_patience_seconds = 10;

Error no_such_guest(const std::string& name) {
    const auto names = guest_names();
    const std::string near = names ? describe_near_names(name, *names) : std::string();
    return Error{fmt::format("no guest named {} runs", name),
                 near.empty() ? "rmguest ps lists those that do" : "did you mean " + near + "?"};
}

}  // namespace

Result<ordered_json> ask_guest(const std::string& name, const ordered_json& request) {
    if (const auto checked = check_guest_name(name); !checked) {
        return checked.error();
    }
    const std::string path = socket_path(runtime_folder(), name);
    const Listening guest = connect_to(path);
    if (guest.error_number == ENOENT || guest.error_number == ECONNREFUSED) {
        return no_such_guest(name);
    }
    if (guest.error_number != 0) {
        return system_error(fmt::format("cannot talk to {}", path), guest.error_number,
                            "a guest obeys its owner and root");
    }
    set_patience(guest.socket, answer_patience_seconds);
    if (const auto sent = write_line(guest.socket, request.dump()); !sent) {
        return Error{fmt::format("guest {}: {}", name, sent.error().what), {}};
    }
    const auto line = read_line(guest.socket);
    if (!line) {
        return Error{fmt::format("guest {} does not answer: {}", name, line.error().what),
                     "it is being started or ended, or its rmguest is stopped"};
    }
    const ordered_json answer = ordered_json::parse(*line, nullptr, false);
    if (!answer.is_object()) {
        return Error{fmt::format("guest {} answers no JSON object", name), {}};
    }
    if (!answer.value("ok", false)) {
        return Error{answer.value("error", std::string("it refuses")),
                     answer.value("advice", std::string())};
    }
    return answer;
}

Result<std::vector<std::string>> guest_names() {
    std::vector<std::string> names;
    std::error_code why;
    const std::string folder = runtime_folder();
    for (fs::directory_iterator entry(folder, why), end; !why && entry != end;
         entry.increment(why)) {
        const std::string name = entry->path().stem().string();
        if (entry->path().extension() == ".sock" && is_guest_there(name)) {
            names.push_back(name);
        }
    }
    if (why && why != std::errc::no_such_file_or_directory) {
        return Error{fmt::format("cannot read {}: {}", folder, why.message()),
                     "guests of root can be seen by root only: use sudo"};
    }
    std::ranges::sort(names);
    return names;
}

bool is_guest_there(const std::string& name) {
    return connect_to(socket_path(runtime_folder(), name)).error_number == 0;
}

Result<std::vector<ordered_json>> guests_status() {
    const auto names = guest_names();
    if (!names) {
        return names.error();
    }
    std::vector<ordered_json> guests;
    for (const std::string& name : *names) {
        auto answer = ask_guest(name, {{"command", "status"}});
        if (answer) {
            answer->erase("ok");
            guests.push_back(*std::move(answer));
        } else if (is_guest_there(name)) {
            guests.push_back({{"name", name}, {"error", answer.error().what}});
        }
    }
    return guests;
}

}  // namespace rmguest
