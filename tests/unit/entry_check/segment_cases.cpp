// SPDX-License-Identifier: GPL-2.0-only
#include "machine.hpp"

namespace test {
namespace {

using rmv::bit;

struct Segment {
    std::string name;
    Field selector, base, limit, rights;
};

// Encodings of the eight segments are in steps of two.
Segment segment(const std::string& name, u32 index) {
    const auto at = [index](Field first) {
        return static_cast<Field>(static_cast<u32>(first) + 2 * index);
    };
    return {"guest " + name + " ", at(Field::guest_es_selector), at(Field::guest_es_base),
            at(Field::guest_es_limit), at(Field::guest_es_access_rights)};
}

const Segment es = segment("ES", 0), cs = segment("CS", 1), ss = segment("SS", 2),
              ds = segment("DS", 3), fs = segment("FS", 4), gs = segment("GS", 5),
              ldtr = segment("LDTR", 6), tr = segment("TR", 7);

constexpr u64 not_canonical = bit(47);

// Changes of a segment that every kind of it must not have: present, S and reserved bits, limit.
struct Breakage {
    const char* rule;
    u64 flip;  // bits of the access rights
};

void add_common(Cases& cases, const Segment& s, const Change& valid, const char* system_rule) {
    const Breakage breakages[] = {
        {"is present", bit(7)},           {system_rule, bit(4)},
        {"access rights: bits", bit(8)},  {"access rights: bits", bit(11)},
        {"access rights: bits", bit(17)}, {"access rights: bits", bit(31)},
    };
    for (const Breakage& one : breakages) {
        cases.push_back({s.name + one.rule, linux_guest, valid,
                         [=](Machine& m) { m.set(s.rights, m.get(s.rights) ^ one.flip); }});
    }
    const auto in_pages = [=](bool is_on, u64 limit) {
        return [=](Machine& m) {
            m.set(s.rights, (m.get(s.rights) & ~bit(15)) | (is_on ? bit(15) : 0));
            m.set(s.limit, limit);
        };
    };
    cases.push_back({s.name + "limit fits", linux_guest, valid, in_pages(true, 0xffffe)});
    cases.push_back({s.name + "limit fits", linux_guest, valid, in_pages(false, 0x100fff)});
}

// DS, ES, FS, GS: unusable in the base, so made usable first.
void add_data(Cases& cases, const Segment& s) {
    const auto usable = [=](u64 rights) {
        return [=](Machine& m) {
            m.set(s.selector, 0x2b);
            m.set(s.limit, 0xffffffff);
            m.set(s.rights, rights);
        };
    };
    const Change valid = usable(0xc0f3);
    add_common(cases, s, valid, "is a code or data");
    cases.push_back({s.name + "type: accessed", linux_guest, valid, put(s.rights, 0xc0f2)});
    cases.push_back(
        {s.name + "type: readable", linux_guest, usable(0xc0fb), put(s.rights, 0xc0f9)});
    cases.push_back({s.name + "DPL is not below", linux_guest, valid, put(s.rights, 0xc0d3)});
    // Conforming code may be below.
    cases.push_back(
        {s.name + "DPL is not below", linux_guest, usable(0xc09f), put(s.rights, 0xc09b)});
    // Unusable segments may hold anything; making it usable brings the rule back.
    cases.push_back({s.name + "is present", linux_guest, put(s.rights, 0x1c073),
                     [=](Machine& m) { usable(0xc073)(m); }});
}

void add_base_and_selector(Cases& cases) {
    for (const Segment& s : {fs, gs, tr})
        cases.push_back({s.name + "base is canonical", linux_guest, put(s.base, not_canonical - 1),
                         put(s.base, not_canonical)});
    for (const Segment& s : {cs, ss})
        cases.push_back({s.name + "base: bits 63:32", linux_guest, put(s.base, 0xffffffff),
                         put(s.base, bit(32))});
    for (const Segment& s : {ds, es}) {
        cases.push_back(
            {s.name + "base: bits 63:32", linux_guest, put(s.base, bit(32)), [=](Machine& m) {
                 m.set(s.limit, 0xffffffff);
                 m.set(s.rights, 0xc0f3);
             }});
    }
    cases.push_back({"guest TR selector: TI", linux_guest, nothing, put(tr.selector, 0x44)});
    cases.push_back({"guest SS selector: RPL", linux_guest, nothing, put(cs.selector, 0x13)});
}

void add_v8086(Cases& cases) {
    for (const Segment& s : {cs, ss, ds, es, fs, gs}) {
        cases.push_back(
            {s.name + "base is the selector", v8086_guest, nothing, put(s.base, 0x12350)});
        cases.push_back({s.name + "limit is FFFFh", v8086_guest, nothing, put(s.limit, 0xfffff)});
        cases.push_back(
            {s.name + "access rights are F3h", v8086_guest, nothing, put(s.rights, 0x93)});
    }
}

void add_code_and_stack(Cases& cases) {
    add_common(cases, cs, nothing, "is a code or data");
    add_common(cases, ss, nothing, "is a code or data");
    const Cases more = {
        {"guest CS type", linux_guest, put(cs.rights, 0xa099), put(cs.rights, 0xa09a)},
        {"guest CS type", linux_guest, nothing, put(cs.rights, 0xa093)},
        {"guest CS type", real_mode_guest, put(cs.rights, 0x9b), put(cs.rights, 0x97)},
        {"guest SS type", linux_guest, put(ss.rights, 0xc097), put(ss.rights, 0xc091)},
        {"guest SS type", linux_guest, nothing, put(ss.rights, 0xc09b)},
        {"guest CS DPL", linux_guest, nothing, put(cs.rights, 0xa0fb)},
        {"guest CS DPL", linux_guest, put(cs.rights, 0xa09f), put(cs.rights, 0xa0ff)},
        {"guest CS DPL", linux_guest, put(cs.rights, 0xa09d), put(cs.rights, 0xa0bd)},
        {"guest CS DPL", real_mode_guest, nothing, put(cs.rights, 0xf3)},
        {"guest SS DPL equals", linux_guest, put(cs.rights, 0xa09f), put(ss.rights, 0xc0f3)},
        {"guest SS DPL is 0", real_mode_guest, nothing, put(ss.rights, 0xf3)},
        {"guest SS DPL is 0", real_mode_guest, put(cs.rights, 0x9f), put(ss.rights, 0xf3)},
        {"guest CS D/B", linux_guest, nothing, put(cs.rights, 0xe09b)},
    };
    cases.insert(cases.end(), more.begin(), more.end());
}

void add_system(Cases& cases) {
    const auto usable_ldt = [](u64 rights) {
        return [=](Machine& m) {
            m.set(ldtr.selector, 0x48);
            m.set(ldtr.base, 0xfffffe0000005000);
            m.set(ldtr.limit, 0xffff);
            m.set(ldtr.rights, rights);
        };
    };
    const Change ldt = usable_ldt(0x82);
    add_common(cases, tr, nothing, "is a system");
    add_common(cases, ldtr, ldt, "is a system");
    const Cases more = {
        {"guest TR type", linux_guest, nothing, put(tr.rights, 0x89)},
        {"guest TR type", linux_guest, nothing, put(tr.rights, 0x83)},
        {"guest TR type", real_mode_guest, put(tr.rights, 0x83), put(tr.rights, 0x81)},
        {"guest TR is usable", linux_guest, nothing, put(tr.rights, 0x1008b)},
        {"guest LDTR type", linux_guest, ldt, put(ldtr.rights, 0x83)},
        {"guest LDTR selector: TI", linux_guest, ldt, put(ldtr.selector, 0x4c)},
        {"guest LDTR base is canonical", linux_guest, ldt, put(ldtr.base, not_canonical)},
        {"guest LDTR is present", linux_guest, usable_ldt(0x10002), put(ldtr.rights, 0x02)},
    };
    cases.insert(cases.end(), more.begin(), more.end());
}

}  // namespace

Cases guest_segment_cases() {
    Cases cases;
    add_code_and_stack(cases);
    for (const Segment& s : {ds, es, fs, gs}) add_data(cases, s);
    add_base_and_selector(cases);
    add_v8086(cases);
    add_system(cases);
    return cases;
}

}  // namespace test
