// SPDX-License-Identifier: GPL-2.0-only
//
// The control socket of a running guest: /run/rmguest/NAME.sock, for its owner alone. A client
// connects, writes one JSON object and a newline, reads one, and is done:
//
//   {"command":"status"}                        {"ok":true,"name":...,"pid":...,"vcpus":[...],...}
//   {"command":"inject","event":"irq","vector":33,"vcpu":0}          {"ok":true}
//   {"command":"stop"}                          {"ok":true}
//
// What fails is answered by {"ok":false,"error":"...","advice":"..."}.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "file_descriptor.hpp"
#include "injection.hpp"
#include "run_result.hpp"

namespace rmguest {

struct VcpuReport {
    std::uint32_t id;
    bool is_halted;
    VcpuCounts counts;
};

// What a client can do to a guest.
class GuestControl {
public:
    GuestControl() = default;
    virtual ~GuestControl() = default;
    GuestControl(const GuestControl&) = delete;
    GuestControl& operator=(const GuestControl&) = delete;
    [[nodiscard]] virtual Outcome inject(std::uint32_t vcpu, const Injection& injection) = 0;
    virtual void stop() = 0;
    [[nodiscard]] virtual std::vector<VcpuReport> vcpus() const = 0;
};

// What does not change while the guest runs.
struct GuestFacts {
    std::string image;
    std::string device;
    std::uint64_t memory_size;
    std::optional<std::uint32_t> vm;  // in the trace; rmvisor only
    std::optional<double> timeout;    // seconds
    struct Cpu {
        std::uint32_t number;
        std::optional<std::uint64_t> exits_before;  // of guests on that CPU, by the statistics
    };
    std::vector<Cpu> cpus;  // of the vCPUs; rmvisor only
};

class ControlServer {
public:
    // Makes the socket. Without a name it takes that of the image; one that is in use gets a
    // number then, and is an error if it was chosen.
    [[nodiscard]] static Result<ControlServer> create(const std::string& name,
                                                      const std::string& image);
    ControlServer(ControlServer&&) = default;
    ControlServer& operator=(ControlServer&&) = delete;
    // Removes the socket.
    ~ControlServer();

    void set_facts(GuestFacts facts) { facts_ = std::move(facts); }
    [[nodiscard]] const std::string& name() const { return name_; }
    // Readable when a client is there; then call serve(), which takes a second at most for a client
    // that says nothing.
    [[nodiscard]] int descriptor() const { return socket_.get(); }
    void serve(GuestControl& guest);

private:
    ControlServer(std::string name, std::string path, FileDescriptor socket)
        : name_(std::move(name)), path_(std::move(path)), socket_(std::move(socket)) {}
    [[nodiscard]] std::string answer(const std::string& request, GuestControl& guest) const;
    [[nodiscard]] nlohmann::ordered_json status(const GuestControl& guest) const;

    std::string name_;
    std::string path_;
    FileDescriptor socket_;
    GuestFacts facts_{};
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace rmguest
