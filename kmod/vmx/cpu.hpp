// SPDX-License-Identifier: GPL-2.0-only
// One CPU's memory, from the hot words that entry.S reaches through GS to the pages that hardware
// owns.
//
//      +---------------------------+ 0
//      | hot words, private state  |  root only
//      | GDT, TSS, IDT             |
//      | virtual-APIC page         |  root, hardware
//      +---------------------------+ page
//      | public part               |  Linux and root (abi.h: struct visor_public)
//      +---------------------------+ page
//      | VMXON region              |
//      | VMCS: Linux               |  hardware
//      | VMCS: real-mode guest     |
//      +---------------------------+ page
//      | guard page, stack  (x4)   |  a guard page is mapped nowhere in root
//      +---------------------------+
#pragma once

#include <cstddef>

#include "rm_guest/apic/vcpu_apic.hpp"  // pure state, above x86/ alone
#include "vmx/entry_offsets.h"
#include "vmx/trace_filter.hpp"
#include "vmx/trace_ring.hpp"
#include "x86/insn.hpp"
#include "x86/segment.hpp"

namespace rmv {

struct alignas(page_size) Page {
    u8 bytes[page_size];
};

inline constexpr u64 root_stack_pages = 2;

template <u64 pages>
struct GuardedStack {
    Page guard;
    Page stack[pages];

    [[nodiscard]] u64 top() noexcept { return reinterpret_cast<u64>(&stack[pages]); }
};

// Whose VMCS is current and who is served (the CPU's mode, seen from root).
enum class Mode : u32 {
    off = 0,      // not in VMX operation
    linux_guest,  // Linux
    parked,       // nobody: waits for a command of Linux
    rm_guest,     // a real-mode guest
};

// 64-bit TSS (SDM: Task Management in 64-bit Mode).
struct [[gnu::packed]] TaskState {
    u32 reserved0;
    u64 rsp[3];
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u16 reserved3;
    u16 io_map_base;
};
static_assert(sizeof(TaskState) == 104);

struct Gate {
    u64 low;
    u64 high;
};
static_assert(sizeof(Gate) == 16);

inline constexpr u32 root_gdt_entries = 16;

// What the exit path needs to bring Linux back on the way out.
struct LeaveState {
    bool requested;   // by Linux, which can go on as a guest if VMXOFF fails
    bool pending;     // the zero preemption timer that blocks NMIs is armed
    u32 seen;         // PENDING_* that hit root meanwhile: Linux gets them
    u32 root_faults;  // exceptions in root without a fix-up
};

// Physical INITs while Linux ran here (exit/linux_init.hpp).
struct InitSignals {
    u64 place;  // RIP at the last one
    u64 when;   // its TSC
    u32 in_a_row;
};

// An IN, OUT, INS or OUTS that stopped the guest, until its owner has done it.
struct PendingIo {
    bool valid;
    bool in;
    u8 size;         // bytes: 1, 2, 4
    u64 linear_rip;  // where it stopped: elsewhere it is not completed
    struct {
        bool valid;  // INS or OUTS
        bool rep;
        bool backwards;
        u8 address_bits;  // 16, 32, 64: of SI or DI and, with REP, CX
        u32 elements;     // that the owner may do at most
    } string;
};

// Events that wait for an entry that can deliver them (rm_guest/events.hpp). The one that the next
// entry delivers is in the VMCS already.
struct WaitingEvents {
    u8 nmis;                  // 0 to 2: hardware latches one beyond the one that is handled
    bool has_interrupt;       // the owner's, by KVM_INTERRUPT
    u8 interrupt;             // its vector
    bool owner_wants_window;  // it asks for a stop when an interrupt could be delivered
    bool may_block_nmis;      // at the last entry blocking by NMI was on, or came on by it
    u32 windows;              // window-exiting controls that are on in the VMCS
};

// Page-directory-pointer-table entries on their way from guest memory (rm_guest/pdptes.hpp).
enum class PdpteStep : u8 { none, for_instruction, for_entry, loaded };

struct Pdptes {
    PdpteStep step;
    u64 table;  // guest-physical
};

// What its owner debugs the guest with (rm_guest/guest_debug.hpp).
struct GuestDebug {
    u32 flags;             // enum visor_debug_flag
    bool registers_in;     // the owner's are in the CPU, the guest's here
    bool monitor_trap_on;  // in the VMCS
    bool trap_flag_is_ours;
    bool step_done;  // by what RUN completed
    u64 owners[4], owners_dr7;
    u64 guests[4], guests_dr7;
};

// What ends the guest's time at a certain TSC (rm_guest/clock.hpp).
enum class Deadline : u32 { budget, apic_timer, count };

struct GuestClock {
    u64 deadlines[static_cast<u32>(Deadline::count)];
    u64 tsc_offset;  // the guest's TSC less the machine's
    u64 timer_end;   // TSC at which the preemption timer should make its exit
};

// What GUEST_CR3 and GUEST_EFER do not show while the guest has paging off: see rsm_guard.hpp.
struct RsmGuard {
    bool on;
    u64 cr3;
    u64 efer;
};

inline constexpr u32 exchanged_msr_count = 6;

// What root keeps of a real-mode guest beside its VMCS.
struct RmGuest {
    bool configured;  // RESET has been done: rm_vmcs is current and a guest's
    u32 vm;           // number in trace records
    u32 vcpu_id;
    u64 ept_pointer;
    u32 ept_generation;  // of the EPT when it was last flushed
    u64 zero_page;       // guest-physical; 0: the guest's memory has no room for one
    RsmGuard guard;
    PendingIo pending_io;
    WaitingEvents events;
    GuestClock clock;
    Pdptes pdptes;
    GuestDebug debug;
    u64 cr2, cr8, apic_base;  // no VMCS field, or not the machine's
    apic::VcpuApic apic;
    u64 init_signal_place;  // linear RIP of the last physical INIT (rm_guest/init_signal.hpp)
    u64 init_signal_time;   // its TSC
    u32 init_signals;       // of these, in a row
    rmv_gprs gprs;          // while it is stopped
};

// Bits of Cpu::watch.
inline constexpr u32 watch_trace = 1;
inline constexpr u32 watch_latency = 2;

// Which of Linux's wishes this CPU has followed.
struct WatchState {
    u32 request;
    u32 ring_generation;
};

struct Cpu {
    // Words that entry.S uses; see entry_offsets.h.
    Cpu* self;
    u64 frame;                // of the saved general registers: root_frame()
    u32 pending;              // PENDING_*: set by root's NMI and machine-check handlers
    u32 vmcs_launched;        // launch state of the current VMCS
    u32 nmi_returns_by_iret;  // 0 while Linux is served: see entry.S
    Mode mode;
    u32 quick;   // QUICK_*: what entry.S answers by itself
    u32 number;  // Linux's number of this CPU
#ifdef RMVISOR_FAULT_INJECTION
    u32 window_delay;  // loops between the last test of `pending` and the entry
    u32 window_nmis;   // NMIs that hit there
    u32 armed_fault;   // enum visor_injected_fault that strikes at the next launch
#endif

    alignas(CPU_TRACE) TraceRing trace;
    alignas(CPU_STATS) rmvisor_stats stats;

    u32 watch;  // watch_*: what is recorded of each exit
    u32 apic_id;
    u64 vmxon_phys;
    u64 linux_vmcs_phys;
    u64 rm_vmcs_phys;
    u64 gdt_writable;  // Linux's writable mapping of its GDT
    bool taking;       // Linux is offlining this CPU for a guest
    bool has_exited;   // since the launch: the first entry has worked
    LeaveState leave;
    InitSignals linux_inits;
    u32 smi_count;        // MSR_SMI_COUNT when it was read last (rm_guest/smi_account.hpp)
    u32 deferred;         // PENDING_* that follow the event which is injected now
    Cpu* next_cpu;        // the list of all that were set up: globals.first_cpu
    rmv_gprs linux_gprs;  // while the CPU is parked or runs a guest
    u64 linux_msrs[exchanged_msr_count];  // likewise, if kept (rm_guest/exchanged_msrs.hpp)
    bool linux_msrs_kept;
    u64 linux_xcr0;  // likewise; 0 without XSAVE
    WatchState watched;
    TraceFilter filter;

    RmGuest rm;                  // the real-mode guest on this CPU
    visor_cpuid_table rm_cpuid;  // what CPUID answers it
    apic::Inbox rm_inbox;        // what its other vCPUs have for it
    u32 rm_posters;              // CPUs that are posting right now
    u64 rm_apic_page_phys;

    alignas(16) u64 gdt[root_gdt_entries];
    alignas(16) TaskState tss;
    alignas(16) Gate idt[256];

    apic::ApicPage rm_apic_page;

    alignas(page_size) visor_public shared;

    Page vmxon_region;
    Page linux_vmcs;
    Page rm_vmcs;

    GuardedStack<root_stack_pages> stack;
    GuardedStack<1> nmi_stack;
    GuardedStack<1> fault_stack;  // every other exception in root
    GuardedStack<1> double_fault_stack;
};

static_assert(offsetof(Cpu, self) == CPU_SELF);
static_assert(offsetof(Cpu, frame) == CPU_FRAME);
static_assert(offsetof(Cpu, pending) == CPU_PENDING);
static_assert(offsetof(Cpu, vmcs_launched) == CPU_VMCS_LAUNCHED);
static_assert(offsetof(Cpu, nmi_returns_by_iret) == CPU_NMI_RETURNS_BY_IRET);
static_assert(offsetof(Cpu, quick) == CPU_QUICK);
static_assert(offsetof(Cpu, number) == CPU_NUMBER);
static_assert(offsetof(Cpu, trace) == CPU_TRACE);
static_assert(offsetof(Cpu, stats) == CPU_STATS);
static_assert(CPU_CPUID_STATS == CPU_STATS + offsetof(rmvisor_stats, linux_exits) +
                                     EXIT_REASON_CPUID * sizeof(rmvisor_stats_entry));
static_assert(offsetof(rmvisor_stats_entry, ticks) == STATS_TICKS);
static_assert(offsetof(rmvisor_stats_entry, histogram) == STATS_HISTOGRAM);
#ifdef RMVISOR_FAULT_INJECTION
static_assert(offsetof(Cpu, window_delay) == CPU_WINDOW_DELAY);
static_assert(offsetof(Cpu, window_nmis) == CPU_WINDOW_NMIS);
#endif
static_assert(offsetof(rmv_gprs, rsp) == GPRS_RSP && offsetof(rmv_gprs, r15) == GPRS_R15);
static_assert(sizeof(rmv_gprs) == GPRS_BYTES);
static_assert(alignof(Cpu) == page_size && sizeof(Cpu) % page_size == 0);

}  // namespace rmv
