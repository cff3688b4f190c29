# SPDX-License-Identifier: GPL-2.0-only
# How much memory the kernel holds for itself, to be compared before and after; to be sourced.
#
# A forgotten page or object in each cycle has to show, so what else moves is taken away: caches that
# can be dropped are, the counters are gathered from all CPUs, and the least of several looks counts,
# for the looking itself takes memory. What is left is exact to a few objects and pages.

memory_looks=4
memory_tries=4

settle_memory() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
    sleep 1
}

# /proc/slabinfo counts the slab that a CPU allocates from as full. Caches that check themselves have
# no such slabs, so their numbers are exact: slub_debug=FZ,kmalloc-*,vmap_area on the command line.
exact_caches() { grep -q 'slub_debug=FZ,kmalloc-\*,vmap_area' /proc/cmdline; }

# Lines "name number unit", one look at everything. A page that is free, cached, a program's, in a
# slab, a page table, per CPU or in a vmalloc area is accounted for; "pages" are the others. Areas of
# kernel stacks are no module's; CPUs keep a few for the next task.
look_at_memory() {
    cat /proc/sys/vm/stat_refresh >/dev/null
    cat /proc/slabinfo /proc/meminfo /proc/zoneinfo /proc/vmallocinfo >/tmp/memory.raw
    awk '/^slabinfo/ { slabs = 1 }
        /^MemTotal:/ { slabs = 0; kib = $2; next }
        /^Node 0/ { slabs = 0 }
        slabs && $1 ~ /^(kmalloc-|vmap_area)/ { print $1, $2, "objects"; next }
        /^(MemFree|Buffers|Cached|AnonPages|Slab|PageTables|SecPageTables|Percpu):/ { kib -= $2; next }
        $1 == "count:" { kib -= 4 * $2; next }
        match($0, / pages=[0-9]+/) {
            pages = substr($0, RSTART + 7, RLENGTH - 7); kib -= 4 * pages
            if ($0 !~ /dup_task_struct|copy_process|alloc_thread_stack/) areas += pages }
        END { print "pages", kib / 4, "pages"; print "vmalloc", areas, "pages" }' /tmp/memory.raw
}

measure_memory() { # file of the looks, which are added to it
    settle_memory
    for look in $(seq $memory_looks); do
        look_at_memory
    done >>"$1"
}

remember_memory() {
    rm -f /tmp/memory.before
    measure_memory /tmp/memory.before
}

# Fails if anything grew by this number or more, and stays so: Linux gives back in the background what
# programs and modules had. Each number may fall in its own time, for others rise with the looking.
memory_grew_less() { # objects and pages, or objects [pages]
    rm -f /tmp/memory.after
    for try in $(seq $memory_tries); do
        measure_memory /tmp/memory.after
        compare_memory "$@" && return
    done
    return 1
}

compare_memory() {
    awk -v objects="$1" -v pages="${2:-$1}" '
        FNR == 1 { file++ }
        !((file, $1) in least) || $2 < least[file, $1] { least[file, $1] = $2; unit[$1] = $3 }
        END {
            for (name in unit) {
                grown = least[2, name] - least[1, name]
                if (unit[name] == "pages") text = text " " name " " grown ";"
                else if (grown > most) { most = grown; cache = name }
                if (grown >= (unit[name] == "pages" ? pages : objects)) {
                    print name, "grew from", least[1, name] + 0, "to", least[2, name], unit[name]; bad = 1
                }
            }
            print "grown, in pages:" text " of all caches most:", cache, most + 0
            exit bad
        }' /tmp/memory.before /tmp/memory.after
}

# Linux has no name for who allocated an area if that was a module that is gone.
no_lost_area() { ! grep -E ' 0x[0-9a-f]+ pages=' /proc/vmallocinfo; }
