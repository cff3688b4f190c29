// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest top: exits per second, live.
// Functions, not macros.
#define NCURSES_NOMACROS
#include <curses.h>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "lib/exit_status.hpp"
#include "lib/module_status.hpp"
#include "lib/number.hpp"
#include "lib/stats_switch.hpp"
#include "lib/stop_request.hpp"
#include "lib/top_model.hpp"
#include "lib/trace_source.hpp"
#include "message.hpp"
#include "top_screen.hpp"

namespace rmguest {
namespace {

constexpr const char* about =
    "Show VM exits per second by CPU, guest and reason, with the TSC ticks that each took in\n"
    "the visor. Needs root, to which debugfs belongs.";

constexpr const char* more_help =
    "Keys: q quit, h help, space look now, s or d seconds between looks, g rows by\n"
    "reason, CPU, guest or all of them, o sort by rate, ticks, total or name, f show\n"
    "only what has a text in its name, r count from now, arrows and page keys move.";

constexpr const char* help_lines[] = {
    "rmguest top: keys",
    "",
    "",
    "  q            quit",
    "  h ?          this help; any key leaves it",
    "  space        look now",
    "  s d          seconds between two looks",
    "  g            rows by: all (CPU, guest and reason), reason, cpu, guest",
    "  o            sort by: rate, ticks, total, name",
    "  f            show only rows with a text in their names; empty shows all",
    "  r            count EXITS from now on",
    "  up down      move by a row; page up and page down by a screen; home",
    "",
    "EXITS/S exits per second; TICKS/EX TSC ticks in the visor per exit; % of all",
    "ticks, or of all exits while the module does not measure ticks (stats_on)",
};

struct TopArguments {
    std::string debugfs = default_debugfs;
    std::string interval = "1";
    std::string group = "all";
    std::string order = "rate";
    std::string filter;
    std::optional<unsigned> count;
    bool batch = false;
    bool json = false;
};

class Top {
public:
    Top(std::string debugfs, double interval, TopChoice choice)
        : debugfs_(std::move(debugfs)), interval_(interval), choice_(std::move(choice)) {}

    Outcome look() {
        auto stats = read_stats(debugfs_);
        if (!stats) {
            return stats.error();
        }
        const std::chrono::duration<double> now =
            std::chrono::steady_clock::now().time_since_epoch();
        Sample sample{*std::move(stats), now.count()};
        if (const auto status = read_status(debugfs_)) {
            for (const CpuStatus& cpu : *status) {
                if (cpu.vm) {
                    // No guest passes for Linux.
                    sample.guests[cpu.cpu] = cpu.name.empty() || cpu.name == "linux"
                                                 ? fmt::format("vm{}", *cpu.vm)
                                                 : cpu.name;
                }
            }
        }
        before_ = std::move(now_);
        now_ = std::move(sample);
        if (!has_base_) {
            base_ = before_ = now_;
            has_base_ = true;
        }
        return Done{};
    }

    [[nodiscard]] std::vector<TopRow> rows() const {
        return top_rows(base_, before_, now_, choice_);
    }
    [[nodiscard]] double seconds() const { return now_.seconds - before_.seconds; }
    [[nodiscard]] double interval() const { return interval_; }

    std::vector<std::string> draw(int width, int height) {
        page_ = std::max(height - 3, 1);
        if (shows_help_) {
            std::vector<std::string> lines(std::begin(help_lines), std::end(help_lines));
            lines.resize(std::min(lines.size(), static_cast<std::size_t>(height)));
            return lines;
        }
        const auto all = rows();
        first_ = std::min(first_, all.empty() ? 0 : all.size() - 1);
        return draw_top(all, choice_, interval_, {width, height, first_});
    }

    bool press(int key) {
        if (shows_help_) {
            shows_help_ = false;
            return true;
        }
        switch (key) {
            case 'h':
            case '?': shows_help_ = true; return true;
            case 's':
            case 'd': prompt_ = "seconds between two looks"; return true;
            case 'f': prompt_ = "only rows with this text"; return true;
            case 'g':
                choice_.group = static_cast<TopGroup>((static_cast<int>(choice_.group) + 1) % 4);
                return true;
            case 'o':
                choice_.order = static_cast<TopOrder>((static_cast<int>(choice_.order) + 1) % 4);
                return true;
            case 'r': base_ = now_; return true;
            default: return move(key);
        }
    }

    // What has to be asked for now; "" if nothing.
    std::string take_prompt() {
        asked_ = std::exchange(prompt_, "");
        return asked_;
    }

    void answer(const std::string& text) {
        if (asked_.starts_with("only")) {
            choice_.filter = text;
        } else if (const auto seconds = parse_seconds(text)) {
            interval_ = std::max(*seconds, 0.1);
        }
    }

private:
    bool move(int key) {
        const auto page = static_cast<std::size_t>(page_);
        switch (key) {
            case KEY_UP: first_ -= first_ == 0 ? 0 : 1; return true;
            case KEY_DOWN: ++first_; return true;
            case KEY_PPAGE: first_ -= std::min(first_, page); return true;
            case KEY_NPAGE: first_ += page; return true;
            case KEY_HOME: first_ = 0; return true;
            default: return false;
        }
    }

    std::string debugfs_;
    double interval_;
    TopChoice choice_;
    Sample base_, before_, now_;
    bool has_base_ = false;
    bool shows_help_ = false;
    std::size_t first_ = 0;
    int page_ = 1;
    std::string prompt_, asked_;
};

nlohmann::ordered_json json_of(const TopRow& row) {
    nlohmann::ordered_json json{{"cpu", row.cpu},       {"guest", row.guest},
                                {"reason", row.reason}, {"exits", row.total},
                                {"rate", row.rate},     {"ticks_rate", row.ticks_rate},
                                {"share", row.share}};
    json["ticks_per_exit"] = row.average ? nlohmann::ordered_json(*row.average) : nullptr;
    return json;
}

[[nodiscard]] Outcome print_sample(const Top& top, const TopChoice& choice, bool json) {
    const auto rows = top.rows();
    if (!json) {
        constexpr int unlimited = 1 << 20;
        for (const std::string& line :
             draw_top(rows, choice, top.interval(), {unlimited, unlimited, 0})) {
            fmt::print("{}\n", line);
        }
        fmt::print("\n");
    } else {
        nlohmann::ordered_json report{{"seconds", top.seconds()},
                                      {"rows", nlohmann::ordered_json::array()}};
        for (const TopRow& row : rows) {
            report["rows"].push_back(json_of(row));
        }
        fmt::print("{}\n", report.dump());
    }
    if (std::fflush(stdout) != 0) {
        return system_error("cannot write to the standard output", errno);
    }
    return Done{};
}

Outcome run_batch(Top& top, const TopChoice& choice, unsigned count, bool json,
                  const StopRequest& stop) {
    pollfd place{.fd = stop.descriptor(), .events = POLLIN, .revents = 0};
    for (unsigned done = 0; done < count; ++done) {
        ::poll(&place, 1, static_cast<int>(top.interval() * 1000));
        if (stop.signal() != 0) {
            return Done{};
        }
        if (const auto looked = top.look(); !looked) {
            return looked;
        }
        if (const auto printed = print_sample(top, choice, json); !printed) {
            return printed;
        }
    }
    return Done{};
}

Outcome run_screen(Top& top, const StopRequest& stop) {
    TopHandler handler{
        .refresh = [&] { return top.look(); },
        .draw = [&](int width, int height) { return top.draw(width, height); },
        .key = [&](int key) { return top.press(key); },
        .prompt = [&] { return top.take_prompt(); },
        .answer = [&](const std::string& text) { top.answer(text); },
        .interval = [&] { return top.interval(); },
    };
    return show_top(handler, stop);
}

Result<int> run_top(const TopArguments& arguments) {
    const auto interval = parse_seconds(arguments.interval);
    const auto group = parse_top_group(arguments.group);
    const auto order = parse_top_order(arguments.order);
    if (!interval || !group || !order) {
        return !interval ? interval.error() : !group ? group.error() : order.error();
    }
    const bool is_batch = arguments.batch || arguments.json || arguments.count;
    if (!is_batch && (::isatty(STDOUT_FILENO) != 1 || ::isatty(STDIN_FILENO) != 1)) {
        return Error{"rmguest top needs a terminal", "give --batch or --json for a pipe"};
    }
    const TopChoice choice{*group, *order, arguments.filter};
    Top top(arguments.debugfs, *interval, choice);
    StopRequest stop;
    const StatsSwitch measured(arguments.debugfs);
    if (const auto looked = top.look(); !looked) {
        return looked.error();
    }
    const auto done =
        is_batch ? run_batch(top, choice, arguments.count.value_or(1), arguments.json, stop)
                 : run_screen(top, stop);
    if (!done) {
        return done.error();
    }
    return stop.signal() == 0 ? static_cast<int>(ExitStatus::success)
                              : static_cast<int>(ExitStatus::signal_base) + stop.signal();
}

int execute(const TopArguments& arguments) {
    const auto status = run_top(arguments);
    if (!status) {
        print_error(status.error());
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    return *status;
}

}  // namespace

Command add_top_command(CLI::App& app) {
    auto arguments = std::make_shared<TopArguments>();
    CLI::App* command = app.add_subcommand("top", about);
    command->footer(more_help);
    command->option_defaults()->take_last();
    command
        ->add_option("-d,--interval", arguments->interval, "seconds between two looks (default 1)")
        ->type_name("SEC");
    command->add_option("-n,--count", arguments->count, "so many looks, then end; implies --batch")
        ->type_name("N");
    command->add_option("--group", arguments->group, "what makes a row (default all)")
        ->type_name("all|reason|cpu|guest");
    command->add_option("--sort", arguments->order, "(default rate)")
        ->type_name("rate|ticks|total|name");
    command->add_option("--filter", arguments->filter, "only rows with this text in their names")
        ->type_name("TEXT");
    command->add_flag("-b,--batch", arguments->batch, "print to stdout, one look if no --count");
    command->add_flag("--json", arguments->json, "the same, one JSON object per line and look");
    command
        ->add_option("--debugfs", arguments->debugfs,
                     "rmvisor's folder in debugfs (default /sys/kernel/debug/rmvisor)")
        ->type_name("DIR");
    return {command, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
