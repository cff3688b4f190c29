// SPDX-License-Identifier: GPL-2.0-only
#include "table.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace rmguest {
namespace {

std::string format_cell(const std::string& text, Align align, std::size_t width) {
    return align == Align::left ? fmt::format("{:<{}}", text, width)
                                : fmt::format("{:>{}}", text, width);
}

}  // namespace

std::vector<std::string> Table::lines() const {
    std::vector<std::vector<std::string>> rows;
    rows.emplace_back();
    for (const Column& column : columns_) {
        rows.front().push_back(column.name);
    }
    rows.insert(rows.end(), rows_.begin(), rows_.end());
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const auto& row : rows) {
        for (std::size_t index = 0; index < widths.size(); ++index) {
            widths[index] = std::max(widths[index], row.at(index).size());
        }
    }
    std::vector<std::string> lines;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t index = 0; index < widths.size(); ++index) {
            line += (index == 0 ? "" : "  ") +
                    format_cell(row.at(index), columns_[index].align, widths[index]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace rmguest
