// SPDX-License-Identifier: GPL-2.0-only
#include "trace_bench.hpp"

#include <cpuid.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string_view>
#include <thread>

#include <linux/rmvisor.h>

#include "guest_bench.hpp"
#include "pin.hpp"
#include "samples.hpp"

namespace bench {
namespace {

constexpr std::uint64_t window = 5'000'000;  // ticks of reading
constexpr std::uint64_t million = 1'000'000;

struct Records {
    std::uint64_t read = 0, lost = 0;
};

class File {
public:
    explicit File(const std::string& path) : number_(open(path.c_str(), O_RDONLY | O_NONBLOCK)) {
        if (number_ < 0) fail(path.c_str());
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { close(number_); }
    // What is there now; nothing if nothing is.
    std::string_view read() {
        const ssize_t bytes = ::read(number_, buffer_, sizeof(buffer_));
        return {buffer_, static_cast<std::size_t>(bytes < 0 ? 0 : bytes)};
    }
    void drain() {
        for (int more = 64; more > 0 && !read().empty(); --more) {
        }
    }

private:
    int number_;
    alignas(64) char buffer_[1 << 16];
};

// Executes CPUID on its CPU, with `pauses` between two.
class Maker {
public:
    Maker(unsigned cpu, unsigned pauses)
        : thread_([this, cpu, pauses] {
              pin(cpu);
              while (!ends_.load(std::memory_order_relaxed)) {
                  unsigned a = 0, b = 0, c = 0, d = 0;
                  __cpuid(0, a, b, c, d);
                  for (unsigned pause = 0; pause < pauses; ++pause) __builtin_ia32_pause();
              }
          }) {}
    Maker(const Maker&) = delete;
    Maker& operator=(const Maker&) = delete;
    ~Maker() {
        ends_.store(true);
        thread_.join();
    }

private:
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

void count_raw(std::string_view bytes, Records& records) {
    for (; bytes.size() >= sizeof(rmvisor_trace_record);
         bytes.remove_prefix(sizeof(rmvisor_trace_record))) {
        rmvisor_trace_record record{};
        std::memcpy(&record, bytes.data(), sizeof(record));
        if (record.type == RMVISOR_TRACE_LOST)
            records.lost += record.qualification;
        else
            ++records.read;
    }
}

// As kmod/shim/trace_line.c writes it.
constexpr std::string_view lost_word = " LOST ";

void count_text(std::string_view bytes, Records& records) {
    while (!bytes.empty()) {
        const std::string_view line = bytes.substr(0, bytes.find('\n'));
        const std::size_t lost = line.find(lost_word);
        if (lost == line.npos)
            ++records.read;
        else
            records.lost += std::strtoull(line.data() + lost + lost_word.size(), nullptr, 10);
        bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    }
}

void read_for_a_window(File& file, const std::function<void(std::string_view)>& count) {
    const std::uint64_t start = now();
    while (now() - start < window) count(file.read());
}

Samples per_million(std::uint64_t records) { return {records * million / window}; }

bool is_text(const std::string& path) { return path.find("trace_pipe") != path.npos; }

Records read_beside(const std::string& path, unsigned maker, unsigned pauses) {
    File file(path);
    Records records;
    const Maker runs(maker, pauses);
    usleep(2000);
    file.drain();
    read_for_a_window(file, [&](std::string_view bytes) {
        (is_text(path) ? count_text : count_raw)(bytes, records);
    });
    return records;
}

// Of tracefs per_cpu/cpuN/stats.
std::uint64_t value_of(const std::string& stats, const std::string& name) {
    std::ifstream file(stats);
    std::string line;
    while (std::getline(file, line))
        if (line.rfind(name + ": ", 0) == 0) return std::stoull(line.substr(name.size() + 2));
    throw std::runtime_error(stats + ": no " + name);
}

}  // namespace

void measure_trace(const std::string& path, const std::string& who, unsigned maker) {
    const Records fastest = read_beside(path, maker, 0);
    print("records read in a million ticks", who, per_million(fastest.read));
    print("records lost in a million ticks", who, per_million(fastest.lost));
    for (unsigned pauses = 25; pauses <= 25 << 10; pauses *= 2) {
        const Records slower = read_beside(path, maker, pauses);
        if (slower.lost != 0) continue;
        print("records in a million ticks without loss", who, per_million(slower.read));
        return;
    }
    throw std::runtime_error(path + ": records are lost at any rate");
}

void measure_kvm_trace(const std::string& folder, const std::string& file, const std::string& image,
                       const std::string& who, unsigned maker) {
    const SpinningGuest guest("/dev/kvm", image, maker, SpinningGuest::Does::cpuid);
    File reader(folder + "/" + file);
    usleep(2000);
    reader.drain();
    const std::string stats = folder + "/stats";
    const std::uint64_t read = value_of(stats, "read events"), lost = value_of(stats, "overrun");
    read_for_a_window(reader, [](std::string_view) {});
    print("records read in a million ticks", who,
          per_million(value_of(stats, "read events") - read));
    print("records lost in a million ticks", who, per_million(value_of(stats, "overrun") - lost));
}

}  // namespace bench
