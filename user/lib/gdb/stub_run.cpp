// SPDX-License-Identifier: GPL-2.0-only
//
// GDB lets the guest run, and is told why it has stopped.
#include <fmt/core.h>

#include <algorithm>

#include "answers.hpp"
#include "packet.hpp"
#include "stub.hpp"

namespace rmguest {
namespace {

using gdb::bad;
using gdb::good;
using gdb::no_space;
using gdb::refused;
using gdb::single;

// Signals as GDB numbers them.
constexpr int signal_interrupt = 2, signal_trap = 5, signal_segv = 11, signal_term = 15;

// Types of Z packets.
enum ZType : std::uint64_t {
    software_breakpoint = 0,  // a debug register too: the guest's memory stays as it is
    hardware_breakpoint = 1,
    write_watchpoint = 2,
    read_watchpoint = 3,  // stops at writes too, since the CPU can't tell
    access_watchpoint = 4,
};

std::string_view next_part(std::string_view& text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

struct ZPacket {
    std::uint64_t type;
    Breakpoint point;
};

// "TYPE,ADDRESS,KIND"; the kind of a breakpoint is the size of an instruction that is not written.
std::optional<ZPacket> parse_z(std::string_view text) {
    const auto type = parse_gdb_number(next_part(text, ','));
    const auto address = parse_gdb_number(next_part(text, ','));
    const auto kind = parse_gdb_number(next_part(text, ';'));
    if (!type || !address || !kind) {
        return std::nullopt;
    }
    switch (*type) {
        case software_breakpoint:
        case hardware_breakpoint: return ZPacket{*type, {BreakKind::execute, *address, 1}};
        case write_watchpoint: return ZPacket{*type, {BreakKind::write, *address, *kind}};
        case read_watchpoint:
        case access_watchpoint: return ZPacket{*type, {BreakKind::access, *address, *kind}};
        default: return std::nullopt;
    }
}

}  // namespace

std::optional<std::uint32_t> GdbStub::vcpu_of(std::string_view thread) const {
    if (thread == "-1" || thread == "0") {
        return vcpu_;
    }
    const auto number = parse_gdb_number(thread);
    if (!number || *number == 0 || *number > target_.vcpu_count()) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*number - 1);
}

// "g1", "c-1": which operations it is about is no matter, since vCont says it itself.
std::string GdbStub::choose_thread(std::string_view which) {
    const auto vcpu = which.empty() ? std::nullopt : vcpu_of(which.substr(1));
    if (!vcpu) {
        return bad;
    }
    vcpu_ = *vcpu;
    return good;
}

std::string GdbStub::insert(std::string_view what) {
    const auto wanted = parse_z(what);
    if (!wanted) {
        return bad;
    }
    if (!target_.breakpoints().add(wanted->point)) {
        return no_space;
    }
    const bool is_there = std::ranges::any_of(inserted_, [&](const Inserted& one) {
        return one.type == wanted->type && one.point == wanted->point;
    });
    if (!is_there) {
        inserted_.push_back({wanted->type, wanted->point});
    }
    return good;
}

std::string GdbStub::remove(std::string_view what) {
    const auto wanted = parse_z(what);
    if (!wanted) {
        return bad;
    }
    std::erase_if(inserted_, [&](const Inserted& one) {
        return one.type == wanted->type && one.point == wanted->point;
    });
    if (std::ranges::find(inserted_, wanted->point, &Inserted::point) == inserted_.end()) {
        (void)target_.breakpoints().remove(wanted->point);
    }
    return good;
}

// "c [ADDRESS]", "C SIGNAL[;ADDRESS]", and the same with s. There are no signals for a guest.
GdbAnswer GdbStub::resume(std::string_view packet) {
    const bool is_step = packet.front() == 's' || packet.front() == 'S';
    const bool has_signal = packet.front() == 'C' || packet.front() == 'S';
    std::string_view address = packet.substr(1);
    if (has_signal) {
        (void)next_part(address, ';');
    }
    if (!address.empty()) {
        const auto where = parse_gdb_number(address);
        const auto old = registers(vcpu_);
        if (!where || !old) {
            return single(bad);
        }
        GdbRegisters now = *old;
        constexpr std::size_t program_counter = 8;
        std::vector<std::uint8_t> bytes(4);
        for (std::size_t index = 0; index < bytes.size(); ++index) {
            bytes[index] = static_cast<std::uint8_t>(*where >> (8 * index));
        }
        if (!write_gdb_register(now, program_counter, bytes) || !set_registers(vcpu_, *old, now)) {
            return single(refused);
        }
    }
    std::vector<RunMode> modes(target_.vcpu_count(), is_step ? RunMode::hold : RunMode::run);
    if (is_step) {
        modes[vcpu_] = RunMode::step;
    }
    return run(modes);
}

// "s:1;c": of the actions that fit a thread, the first counts; without one it stays stopped.
GdbAnswer GdbStub::resume_by_list(std::string_view actions) {
    std::vector<RunMode> modes(target_.vcpu_count(), RunMode::hold);
    std::vector<bool> is_set(modes.size());
    while (!actions.empty()) {
        std::string_view thread = next_part(actions, ';');
        const std::string_view action = next_part(thread, ':');
        const char kind = action.empty() ? '\0' : action.front();
        if (kind != 'c' && kind != 'C' && kind != 's' && kind != 'S') {
            return single(bad);
        }
        const bool is_for_all = thread.empty() || thread == "-1";
        const auto one = is_for_all ? std::optional<std::uint32_t>{} : vcpu_of(thread);
        if (!is_for_all && !one) {
            return single(bad);
        }
        for (std::uint32_t vcpu = 0; vcpu < modes.size(); ++vcpu) {
            if (!is_set[vcpu] && (is_for_all || *one == vcpu)) {
                modes[vcpu] = kind == 's' || kind == 'S' ? RunMode::step : RunMode::run;
                is_set[vcpu] = true;
            }
        }
    }
    const bool some_run =
        std::ranges::any_of(modes, [](RunMode mode) { return mode != RunMode::hold; });
    return some_run ? run(modes) : single(bad);
}

GdbAnswer GdbStub::run(const std::vector<RunMode>& modes) {
    if (target_.end()) {
        return report_end(vcpu_);
    }
    const auto stop = target_.run(modes, interrupter_);
    if (!stop) {
        const std::string text = stop.error().what + "\n";
        last_stop_ = fmt::format("T{:02x}thread:{:x};", signal_trap, vcpu_ + 1);
        return {.packets = {"O" + text_to_hex(text), last_stop_}};
    }
    return report(*stop);
}

GdbAnswer GdbStub::report(const DebugStop& stop) {
    if (stop.cause == StopCause::ended) {
        return report_end(stop.vcpu);
    }
    const bool is_request = stop.cause == StopCause::request;
    if (!is_request) {
        vcpu_ = stop.vcpu;
    }
    last_stop_ = fmt::format("T{:02x}{}thread:{:x};", is_request ? signal_interrupt : signal_trap,
                             describe_hit(stop), vcpu_ + 1);
    return single(last_stop_);
}

std::string GdbStub::describe_hit(const DebugStop& stop) const {
    if (!stop.breakpoint) {
        return {};
    }
    const auto hit = std::ranges::find(inserted_, stop.breakpoint->point, &Inserted::point);
    if (hit == inserted_.end()) {
        return {};
    }
    switch (hit->type) {
        case software_breakpoint: return "swbreak:;";
        case hardware_breakpoint: return "hwbreak:;";
        case write_watchpoint: return fmt::format("watch:{:x};", hit->point.address);
        case read_watchpoint: return fmt::format("rwatch:{:x};", hit->point.address);
        default: return fmt::format("awatch:{:x};", hit->point.address);
    }
}

// A guest that fails stays to be looked at; when it is to go on, it has ended.
GdbAnswer GdbStub::report_end(std::uint32_t vcpu) {
    const RunResult result = *target_.end();
    switch (result.end) {
        case RunEnd::exit_port:
        case RunEnd::halted:
            last_stop_ = fmt::format("W{:02x}", result.status & 0xff);
            return single(last_stop_);
        case RunEnd::timed_out:
        case RunEnd::signalled:
        case RunEnd::stopped:
        case RunEnd::quit:
            last_stop_ = fmt::format("X{:02x}", signal_term);
            return single(last_stop_);
        case RunEnd::shutdown:
        case RunEnd::internal_error:
        case RunEnd::fail_entry:
        case RunEnd::init_storm:
        case RunEnd::cpu_silent:
        case RunEnd::unknown_exit:
        case RunEnd::run_failed:
        case RunEnd::output_failed: break;
    }
    if (has_failed_) {
        last_stop_ = fmt::format("X{:02x}", signal_segv);
        return single(last_stop_);
    }
    has_failed_ = true;
    vcpu_ = vcpu;
    last_stop_ = fmt::format("T{:02x}thread:{:x};", signal_segv, vcpu_ + 1);
    return {.packets = {"O" + text_to_hex(target_.why_ended().what + "\n"), last_stop_}};
}

}  // namespace rmguest
