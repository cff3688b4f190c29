// SPDX-License-Identifier: GPL-2.0-only
#include "handlers.hpp"

#include <algorithm>

namespace rmguest {
namespace {

const Handler* find_in(std::span<const Handler> handlers, ZydisMnemonic mnemonic) {
    const auto found = std::ranges::find(handlers, mnemonic, &Handler::mnemonic);
    return found == handlers.end() ? nullptr : &*found;
}

}  // namespace

const Handler* find_handler(ZydisMnemonic mnemonic, bool of_string) {
    if (of_string) {
        return find_in(string_handlers(), mnemonic);
    }
    for (const auto group : {move_handlers(), alu_handlers(), multiply_handlers(), bit_handlers(),
                             exchange_handlers(), stack_handlers(), condition_handlers()}) {
        if (const Handler* handler = find_in(group, mnemonic)) {
            return handler;
        }
    }
    return nullptr;
}

}  // namespace rmguest
