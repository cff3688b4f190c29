// SPDX-License-Identifier: GPL-2.0-only
#include "reference.hpp"

namespace reference {

namespace {

const uint32_t divisors[] = {2, 4, 8, 16, 32, 64, 128, 1};

uint32_t divisor(uint32_t divide) { return divisors[(divide & 3) + (divide & 8 ? 4 : 0)]; }

uint32_t bitmap(const std::set<uint32_t>& vectors, uint32_t word) {
    uint32_t bits = 0;
    for (const uint32_t vector : vectors)
        if (vector / 32 == word) bits |= 1u << (vector % 32);
    return bits;
}

}  // namespace

uint32_t Apic::priority() const {
    const uint32_t served = in_service_.empty() ? 0 : *in_service_.rbegin() / 16;
    return tpr_ / 16 >= served ? tpr_ : served * 16;
}

void Apic::error(uint32_t bit) {
    errors_ |= bit;
    const uint32_t entry = lvt_.at(0x837);
    if ((entry & 0x10000) == 0 && (entry & 0xff) >= 16) receive(entry & 0xff);
}

void Apic::receive(uint32_t vector) {
    if (!enabled()) return;
    if (vector < 16)
        error(0x40);
    else
        requested_.insert(vector);
}

std::optional<uint32_t> Apic::take() {
    if (!enabled() || requested_.empty()) return std::nullopt;
    const uint32_t vector = *requested_.rbegin();
    if (vector / 16 <= priority() / 16) return std::nullopt;
    requested_.erase(vector);
    in_service_.insert(vector);
    return vector;
}

void Apic::fire() {
    const uint32_t entry = lvt_.at(0x832);
    if ((entry & 0x10000) == 0) receive(entry & 0xff);
}

// One tick after the other.
void Apic::advance(uint64_t ticks) {
    for (; ticks > 0; --ticks) {
        ++now_;
        if (timer_mode() == 2 && deadline_ != 0 && now_ >= deadline_) {
            deadline_ = 0;
            fire();
        }
        if (timer_mode() > 1 || count_ == 0 || ++fraction_ < divisor(divide_)) continue;
        fraction_ = 0;
        if (--count_ != 0) continue;
        fire();
        if (timer_mode() == 1) count_ = initial_;
    }
}

bool Apic::write_lvt(uint32_t msr, uint32_t value) {
    static const std::map<uint32_t, uint32_t> allowed{{0x832, 0x710ff}, {0x833, 0x117ff},
                                                      {0x834, 0x117ff}, {0x835, 0x1f7ff},
                                                      {0x836, 0x1f7ff}, {0x837, 0x110ff}};
    if (value & ~allowed.at(msr)) return false;
    const uint32_t old = lvt_.at(msr);
    lvt_[msr] = (value & ~0x5000u) | (enabled() ? 0 : 0x10000);
    const uint32_t from = (old >> 17) & 3, to = (value >> 17) & 3;
    if (msr == 0x832 && from != to && (from > 1 || to > 1)) deadline_ = count_ = initial_ = 0;
    return true;
}

bool Apic::write(uint32_t msr, uint64_t value) {
    if (msr == 0x830) {
        if (value & 0xfff32000) return false;
        icr_ = value & ~0x1000ull;
        return true;
    }
    if (value >> 32) return false;
    const auto low = static_cast<uint32_t>(value);
    if (lvt_.contains(msr)) return write_lvt(msr, low);
    switch (msr) {
        case 0x808:
            if (low > 0xff) return false;
            tpr_ = low;
            return true;
        case 0x80b:
            if (low != 0) return false;
            if (!in_service_.empty()) in_service_.erase(*in_service_.rbegin());
            return true;
        case 0x80f:
            if (low > 0x1ff) return false;
            svr_ = low;
            if (!enabled())
                for (auto& [number, entry] : lvt_) entry |= 0x10000;
            return true;
        case 0x828:
            if (low != 0) return false;
            esr_ = errors_;
            errors_ = 0;
            return true;
        case 0x838:
            if (timer_mode() <= 1) {
                initial_ = count_ = low;
                fraction_ = 0;
            }
            return true;
        case 0x83e:
            if (low & ~0xbu) return false;
            divide_ = low;
            fraction_ = 0;
            return true;
        case 0x83f:
            if (low > 0xff) return false;
            return true;
    }
    return false;
}

std::optional<uint64_t> Apic::read(uint32_t msr) const {
    if (lvt_.contains(msr)) return lvt_.at(msr);
    if (msr >= 0x810 && msr <= 0x817) return bitmap(in_service_, msr - 0x810);
    if (msr >= 0x818 && msr <= 0x81f) return 0;
    if (msr >= 0x820 && msr <= 0x827) return bitmap(requested_, msr - 0x820);
    switch (msr) {
        case 0x802: return id_;
        case 0x803: return 0x50014;
        case 0x808: return tpr_;
        case 0x80a: return priority();
        case 0x80d: return (id_ / 16) << 16 | 1u << (id_ % 16);
        case 0x80f: return svr_;
        case 0x828: return esr_;
        case 0x830: return icr_;
        case 0x838: return initial_;
        case 0x839: return timer_mode() <= 1 ? count_ : 0;
        case 0x83e: return divide_;
    }
    return std::nullopt;
}

}  // namespace reference
