# SPDX-License-Identifier: GPL-2.0-only
# leak.sh CYCLES: the test of churn.sh's measure. It sees a module that forgets a page, an area and two
# small objects at each load, and sees nothing when nothing is forgotten.
. ./tap.sh
. ./visor.sh
. ./memory.sh
module=/lab/rmvisor-fault-unnamed.ko
cycles=$1

cycle() { # parameters
    for count in $(seq "$cycles"); do load "$@" && unload || return 1; done
}
nothing_grows() { remember_memory; cycle && memory_grew_less $((cycles / 2)); }
forget_four() {
    remember_memory
    cycle leak=page,area,64,192 || return 2
    memory_grew_less $((cycles / 2)) >/tmp/grown
}

plan 10
check "the caches count exactly" exact_caches
check "$cycles cycles" cycle
check "$cycles that forget nothing" nothing_grows
check "no area is lost" no_lost_area
fails "$cycles that forget four things" 1 forget_four
fails "areas are lost" 1 no_lost_area
for line in pages vmalloc kmalloc-64 kmalloc-192; do
    check "the difference shows in $line" grep -E "^$line grew" /tmp/grown
done
finish
