// SPDX-License-Identifier: GPL-2.0-only
#include "trace_live.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <set>

#include "lib/exit_status.hpp"
#include "lib/kernel_filter.hpp"
#include "lib/stop_request.hpp"
#include "lib/trace_bytes.hpp"
#include "lib/trace_stream.hpp"
#include "lib/tsc.hpp"
#include "lib/write_all.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

// Rings that are being filled are looked at more often.
constexpr int idle_milliseconds = 20;
constexpr int busy_milliseconds = 1;

using Records = std::vector<rmvisor_trace_record>;

// Gives what is new to `take`, some times a second, until a signal or the end of the time.
Outcome read_until_stopped(TraceStream& stream, const StopRequest& stop,
                           const std::function<Outcome(const Records&)>& take) {
    pollfd place{.fd = stop.descriptor(), .events = POLLIN, .revents = 0};
    for (bool is_last = false;;) {
        const auto records = stream.read_new();
        if (!records) {
            return records.error();
        }
        if (const auto taken = take(*records); !taken || is_last) {
            return taken;
        }
        ::poll(&place, 1, records->empty() ? idle_milliseconds : busy_milliseconds);
        is_last = stop.signal() != 0;
    }
}

// The end of the time is what was asked for; Ctrl-C is how a recording usually ends.
int status_of(const StopRequest& stop) {
    const int signal = stop.signal();
    return signal == SIGALRM || signal == SIGINT
               ? static_cast<int>(ExitStatus::success)
               : static_cast<int>(ExitStatus::signal_base) + signal;
}

// A line on the terminal that is written again and again.
class Progress {
public:
    void show(std::uint64_t records, std::uint64_t lost) {
        const auto now = std::chrono::steady_clock::now();
        if (is_terminal_ && now - last_ > std::chrono::seconds(1)) {
            fmt::print(stderr, "\rrmguest: {} records, {} lost; Ctrl-C ends it ", records, lost);
            last_ = now;
            has_shown_ = true;
        }
    }
    ~Progress() {
        if (has_shown_) {
            fmt::print(stderr, "\r\x1b[K");
        }
    }
    Progress() = default;
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

private:
    const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
    bool has_shown_ = false;
};

class Recorder {
public:
    Recorder(FileDescriptor file, const TraceArguments& arguments, const TracePlan& plan)
        : file_(std::move(file)),
          bytes_(plan.image),
          symbols_(live_symbols(arguments, plan)),
          debugfs_(arguments.debugfs) {}

    Outcome begin() { return write(&header_, sizeof(header_)); }

    Outcome add(const Records& records) {
        std::vector<TraceFileEntry> entries;
        for (const rmvisor_trace_record& record : records) {
            if (record.type != RMVISOR_TRACE_LOST) {
                remember(record);
            }
            entries.push_back(bytes_.entry_of(record));
        }
        count_ += entries.size();
        return write(entries.data(), entries.size() * sizeof(TraceFileEntry));
    }

    Outcome finish(std::uint64_t lost) {
        symbols_.names.merge(read_vm_names(debugfs_));
        const std::string symbols = encode_symbols(symbols_, seen_records_);
        header_.lost = lost;
        header_.tsc_khz = measure_tsc_khz();
        if (!symbols.empty()) {
            header_.symbols_offset = sizeof(header_) + count_ * sizeof(TraceFileEntry);
        }
        if (const auto written = write(symbols.data(), symbols.size()); !written) {
            return written;
        }
        if (::pwrite(file_.get(), &header_, sizeof(header_), 0) != sizeof(header_)) {
            return system_error("cannot complete the file's header", errno);
        }
        return Done{};
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    Outcome write(const void* data, std::size_t size) {
        return write_all(file_.get(), {static_cast<const char*>(data), size}, nullptr);
    }

    // One record per place is enough to know which symbols the file needs.
    void remember(const rmvisor_trace_record& record) {
        if (seen_.insert({record.vm == 0, record.cs_base + record.rip}).second) {
            seen_records_.push_back(record);
        }
    }

    FileDescriptor file_;
    TraceFileHeader header_ = make_trace_header(trace_file_all, trace_file_all);
    InstructionBytes bytes_;
    TraceSymbols symbols_;
    const std::string debugfs_;
    std::set<std::pair<bool, std::uint64_t>> seen_;
    Records seen_records_;
    std::uint64_t count_ = 0;
};

Result<FileDescriptor> open_recording(const std::string& path) {
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file) {
        return system_error(fmt::format("cannot write {}", path), errno);
    }
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return Error{fmt::format("{} is no regular file", path),
                     "a recording is completed at its beginning; for a pipe use --follow --json"};
    }
    return file;
}

// A guest that began since the names were read.
bool has_unknown_guest(const Records& records, const VmNames& names) {
    return std::ranges::any_of(records, [&names](const rmvisor_trace_record& record) {
        return record.vm != 0 && !names.contains(record.vm);
    });
}

}  // namespace

TraceSymbols live_symbols(const TraceArguments& arguments, const TracePlan& plan) {
    return {read_kernel_symbols(), plan.image ? symbols_of(*plan.image) : SymbolTable{},
            read_vm_names(arguments.debugfs)};
}

Result<TraceStream> open_stream(const TraceArguments& arguments, const TracePlan& plan) {
    auto choice = complete_choice(arguments, plan, read_vm_names(arguments.debugfs));
    if (!choice) {
        return choice.error();
    }
    return TraceStream::open(arguments.debugfs, *std::move(choice));
}

Result<int> follow_trace(const TraceArguments& arguments, const TracePlan& plan, std::FILE* out) {
    StopRequest stop;
    auto stream = open_stream(arguments, plan);
    if (!stream) {
        return stream.error();
    }
    const auto filter = KernelFilter::set(arguments.debugfs, arguments.filter);
    if (!filter) {
        return filter.error();
    }
    if (plan.seconds) {
        stop.set_timeout(*plan.seconds);
    }
    TraceSymbols symbols = live_symbols(arguments, plan);
    symbols.expects_names = true;
    const InstructionBytes bytes(plan.image);
    const auto printer = make_trace_printer(plan.format, out, symbols);
    const auto done = read_until_stopped(*stream, stop, [&](const Records& records) -> Outcome {
        if (has_unknown_guest(records, symbols.names)) {
            symbols.names.merge(read_vm_names(arguments.debugfs));
        }
        for (const rmvisor_trace_record& record : records) {
            printer->print(bytes.entry_of(record));
        }
        if (std::fflush(out) != 0 || std::ferror(out) != 0) {
            return system_error("cannot write what came", errno);
        }
        return Done{};
    });
    return done ? Result(status_of(stop)) : done.error();
}

Result<int> record_trace(const TraceArguments& arguments, const TracePlan& plan) {
    StopRequest stop;
    auto stream = open_stream(arguments, plan);
    if (!stream) {
        return stream.error();
    }
    const auto filter = KernelFilter::set(arguments.debugfs, arguments.filter);
    if (!filter) {
        return filter.error();
    }
    auto file = open_recording(arguments.record);
    if (!file) {
        return file.error();
    }
    Recorder recorder(*std::move(file), arguments, plan);
    if (const auto begun = recorder.begin(); !begun) {
        return begun.error();
    }
    if (plan.seconds) {
        stop.set_timeout(*plan.seconds);
    }
    auto progress = std::make_unique<Progress>();
    auto done = read_until_stopped(*stream, stop, [&](const Records& records) {
        progress->show(recorder.count(), stream->lost());
        return recorder.add(records);
    });
    progress.reset();
    if (const auto finished = recorder.finish(stream->lost()); done && !finished) {
        done = finished;
    }
    if (!done) {
        return Error{fmt::format("{}: {}", arguments.record, done.error().what),
                     done.error().advice};
    }
    print_note(
        fmt::format("{}: {} records, {} lost", arguments.record, recorder.count(), stream->lost()));
    return status_of(stop);
}

}  // namespace rmguest
