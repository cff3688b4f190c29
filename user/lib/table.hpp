// SPDX-License-Identifier: GPL-2.0-only
//
// Text in columns.
#pragma once

#include <string>
#include <vector>

namespace rmguest {

enum class Align { left, right };

struct Column {
    std::string name;
    Align align = Align::left;
};

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // As many cells as there are columns.
    void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool is_empty() const { return rows_.empty(); }
    // The header and the rows, columns as wide as they need, without blanks at the end.
    [[nodiscard]] std::vector<std::string> lines() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace rmguest
