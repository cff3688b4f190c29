# SPDX-License-Identifier: GPL-2.0-only
# How much memory the kernel holds for itself, to be compared before and after; to be sourced.
#
# Free pages alone tell little: CPUs keep lists of free pages, and what programs used stays cached.
# So all that is accounted for elsewhere is taken away. What stays, and each cache of kmalloc, is
# the kernel's own, and a module that forgets one page in each cycle shows.

# So that what is free counts as free.
settle_memory() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
    for cache in /sys/kernel/slab/kmalloc-*; do echo 1 >"$cache/shrink"; done 2>/dev/null
    sleep 2
}

# Pages in the CPUs' lists, in KiB.
listed_kib() { awk '$1 == "count:" { sum += $2 } END { print sum * 4 }' /proc/zoneinfo; }

# Three numbers in KiB: pages nobody accounts for, vmalloc, slabs that can't be reclaimed.
kernel_memory() {
    awk -v listed="$(listed_kib)" '{ sub(":", "", $1); kib[$1] = $2 }
        END { print kib["MemTotal"] - kib["MemFree"] - listed - kib["Buffers"] - kib["Cached"] \
            - kib["AnonPages"] - kib["Slab"] - kib["KernelStack"] - kib["PageTables"] \
            - kib["Percpu"] - kib["SecPageTables"], kib["VmallocUsed"] - kib["KernelStack"], \
            kib["SUnreclaim"] }' /proc/meminfo
}

# Lines "cache objects noise" of kmalloc. The slab that a CPU allocates from counts as full, so a
# slab for each CPU may come and go.
kmalloc_objects() {
    awk -v cpus="$(nproc)" '$1 ~ /^kmalloc-[0-9]/ { print $1, $2, $5 * cpus }' /proc/slabinfo
}

remember_memory() {
    settle_memory
    kernel_memory >/tmp/memory.before
    kmalloc_objects >/tmp/kmalloc.before
}

# Fails if any of the three grew by more than the number of KiB, or a cache by more objects.
memory_grew_less() { # KiB, objects
    settle_memory
    kernel_memory >/tmp/memory.after
    kmalloc_objects >/tmp/kmalloc.after
    awk -v limit="$1" 'NR == FNR { split($0, old); next }
        { for (i = 1; i <= NF; i++) { grown = $i - old[i]; text = text " " grown
              if (grown > limit) bad = 1 }
          print "grown, in KiB: pages, vmalloc, slabs:" text; exit bad }' \
        /tmp/memory.before /tmp/memory.after || return 1
    awk -v limit="$2" 'NR == FNR { old[$1] = $2; next }
        $2 - old[$1] > limit + $3 { print $1, "grew from", old[$1], "to", $2; bad = 1 }
        END { exit bad }' /tmp/kmalloc.before /tmp/kmalloc.after
}
