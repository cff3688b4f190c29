# SPDX-License-Identifier: GPL-2.0-only
# hotplug_churn.sh STEPS SEED: under load, CPUs go and come and the module with them, in an order
# that the seed decides. After each step every CPU that is online is in the right state.
. ./tap.sh
. ./visor.sh
. ./stress.sh
. ./walk.sh
steps=$1
seed=$2

patience=0
print_steps='for (i = 0; i < steps; i++)
    if (draw(4) == 0) print "module"
    else print "cpu", 1 + draw(cpus - 1)'

step() { # what, number
    case $1 in
    module) toggle_module ;;
    cpu) toggle_cpu "$2" ;;
    esac
}

plan 8
walk_under_load
check "the log is calm" log_is_calm
finish
