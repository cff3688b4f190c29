// SPDX-License-Identifier: GPL-2.0-only
#include "control_server.hpp"

#include <fmt/core.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "runtime_folder.hpp"
#include "unix_socket.hpp"

namespace rmguest {
namespace {

using nlohmann::ordered_json;

constexpr int request_patience_seconds = 1;
constexpr unsigned most_of_a_name = 1000;

ordered_json to_json(const Outcome& outcome) {
    if (outcome) {
        return {{"ok", true}};
    }
    return {{"ok", false}, {"error", outcome.error().what}, {"advice", outcome.error().advice}};
}

Outcome inject(const ordered_json& request, GuestControl& guest) {
    std::optional<std::uint64_t> vector;
    if (request.contains("vector")) {
        vector = request.at("vector").get<std::uint64_t>();
    }
    const auto injection = parse_injection(request.value("event", std::string()), vector);
    if (!injection) {
        return injection.error();
    }
    return guest.inject(request.value("vcpu", 0u), *injection);
}

}  // namespace

Result<ControlServer> ControlServer::create(const std::string& name, const std::string& image) {
    if (!name.empty()) {
        if (const auto checked = check_guest_name(name); !checked) {
            return checked.error();
        }
    }
    const std::string folder = runtime_folder();
    if (const auto made = make_runtime_folder(folder); !made) {
        return made.error();
    }
    const std::string base = name.empty() ? guest_name_of_image(image) : name;
    for (unsigned number = 1; number < most_of_a_name; ++number) {
        const std::string candidate = number == 1 ? base : fmt::format("{}-{}", base, number);
        const std::string path = socket_path(folder, candidate);
        auto listening = listen_at(folder, path);
        if (listening.error_number == 0) {
            return ControlServer(candidate, path, std::move(listening.socket));
        }
        if (listening.error_number != EADDRINUSE) {
            return system_error(fmt::format("cannot make {}", path), listening.error_number,
                                "RMGUEST_RUNTIME_DIR names another folder");
        }
        if (!name.empty()) {
            break;
        }
    }
    return Error{fmt::format("there is a guest named {} already", base), "give another --name"};
}

ControlServer::~ControlServer() {
    if (socket_) {
        ::unlink(path_.c_str());
    }
}

void ControlServer::serve(GuestControl& guest) {
    const FileDescriptor client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client || !is_of_owner(client)) {
        return;
    }
    set_patience(client, request_patience_seconds);
    if (const auto line = read_line(client)) {
        // A client that does not wait for its answer is none of the guest's troubles.
        (void)write_line(client, answer(*line, guest));
    }
}

std::string ControlServer::answer(const std::string& line, GuestControl& guest) const {
    try {
        const ordered_json request = ordered_json::parse(line);
        const auto command = request.at("command").get<std::string>();
        if (command == "status") {
            return status(guest).dump();
        }
        if (command == "inject") {
            return to_json(inject(request, guest)).dump();
        }
        if (command == "stop") {
            guest.stop();
            return to_json(Done{}).dump();
        }
        return to_json(Error{fmt::format("there is no command '{}'", command), {}}).dump();
    } catch (const ordered_json::exception& wrong) {
        return to_json(Error{fmt::format("no good request: {}", wrong.what()), {}}).dump();
    }
}

ordered_json ControlServer::status(const GuestControl& guest) const {
    ordered_json report{{"ok", true},
                        {"name", name_},
                        {"pid", ::getpid()},
                        {"image", facts_.image},
                        {"device", facts_.device},
                        {"memory", facts_.memory_size}};
    if (facts_.vm) {
        report["vm"] = *facts_.vm;
    }
    const std::chrono::duration<double> age = std::chrono::steady_clock::now() - start_;
    report["seconds"] = age.count();
    if (facts_.timeout) {
        report["timeout"] = *facts_.timeout;
    }
    report["vcpus"] = ordered_json::array();
    for (const VcpuReport& vcpu : guest.vcpus()) {
        ordered_json one{{"id", vcpu.id},
                         {"state", vcpu.is_halted ? "halted" : "running"},
                         {"user_exits", vcpu.counts.user_exits},
                         {"run_ticks", vcpu.counts.run_ticks},
                         {"user_ticks", vcpu.counts.user_ticks}};
        if (vcpu.id < facts_.cpus.size()) {
            one["cpu"] = facts_.cpus[vcpu.id].number;
            if (const auto before = facts_.cpus[vcpu.id].exits_before) {
                one["exits_before"] = *before;
            }
        }
        report["vcpus"].push_back(one);
    }
    return report;
}

}  // namespace rmguest
