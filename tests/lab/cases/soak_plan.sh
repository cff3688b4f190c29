# SPDX-License-Identifier: GPL-2.0-only
# What a walk of soak.sh is made of; to be sourced. walk.sh's plan_of prints the steps of a seed.

print_steps='n = split("module cpu cpu guest guest killed chaos trace kvm stats nmi smi init ipi perf", what, " ")
    for (i = 0; i < steps; i++) { w = what[1 + draw(n)]
        print w, w == "cpu" ? 1 + draw(cpus - 1) : draw(1000000) }'
