// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/icr.hpp"

namespace rmv::apic {

namespace {

bool is_sent(DeliveryMode mode, u32 low) noexcept {
    switch (mode) {
        case DeliveryMode::fixed:
        case DeliveryMode::lowest_priority:
        case DeliveryMode::nmi:
        case DeliveryMode::startup: return true;
        case DeliveryMode::init:
            return (low & icr_trigger_level) == 0 || (low & icr_level_assert) != 0;
        case DeliveryMode::smi:
        case DeliveryMode::ext_int: return false;
    }
    return false;  // reserved
}

// SDM: Logical Destination Mode, flat and cluster model.
bool matches_xapic_logical(const ApicPage& page, u32 destination) noexcept {
    const u32 logical_id = page.read(ApicRegister::ldr) >> icr_high_destination_shift;
    const u32 model = page.read(ApicRegister::dfr) >> 28;
    constexpr u32 flat = 0xf, cluster = 0;
    if (model == flat) return (logical_id & destination) != 0;
    if (model != cluster) return false;
    constexpr u32 all_clusters = 0xf;
    const u32 wanted = (destination >> 4) & 0xf;
    return (wanted == all_clusters || wanted == logical_id >> 4) &&
           (logical_id & destination & 0xf) != 0;
}

// SDM: Logical Destination Mode in x2APIC Mode.
bool matches_x2apic_logical(const ApicPage& page, u32 destination) noexcept {
    const u32 logical_id = page.read(ApicRegister::ldr);
    return destination >> 16 == logical_id >> 16 && (destination & logical_id & 0xffff) != 0;
}

bool matches_logical(const LocalApic& target, u32 destination) noexcept {
    if (destination == broadcast) return true;
    return mode_of(load_relaxed(target.base)) == ApicMode::x2apic
               ? matches_x2apic_logical(*target.page, destination)
               : matches_xapic_logical(*target.page, destination);
}

}  // namespace

std::optional<Ipi> decode_icr(u64 icr) noexcept {
    const u32 low = low32(icr);
    const auto mode = static_cast<DeliveryMode>((low >> icr_delivery_mode_shift) & 7);
    if (!is_sent(mode, low)) return std::nullopt;
    return Ipi{.mode = mode,
               .shorthand = static_cast<Shorthand>((low >> icr_shorthand_shift) & 3),
               .vector = static_cast<u8>(low & 0xff),
               .logical = (low & icr_logical_destination) != 0,
               .destination = high32(icr)};
}

bool is_destination(const Ipi& ipi, const LocalApic& target, bool is_sender) noexcept {
    if (mode_of(load_relaxed(target.base)) == ApicMode::disabled) return false;
    switch (ipi.shorthand) {
        case Shorthand::self: return is_sender;
        case Shorthand::all: return true;
        case Shorthand::all_but_self: return !is_sender;
        case Shorthand::none: break;
    }
    if (ipi.logical) return matches_logical(target, ipi.destination);
    return ipi.destination == target.id || ipi.destination == broadcast;
}

}  // namespace rmv::apic
