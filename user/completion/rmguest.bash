# SPDX-License-Identifier: GPL-2.0-only
# bash completion for rmguest(1). What can be given is asked of rmguest itself, by --help.

_rmguest_commands() {
    "$1" --help 2>/dev/null | sed -n '/^Subcommands:/,/^[^ ]*$/s/^  \([a-z]\{1,\}\).*/\1/p'
}

_rmguest_options() { # program, command
    "$1" "$2" --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u
}

_rmguest_guests() {
    "$1" ps --json 2>/dev/null | grep -o '"name":"[^"]*"' | sed 's/.*:"//; s/"$//'
}

# What may stand for the word after an option; fails where a file is as good as anything.
_rmguest_values() { # program, option
    case $2 in
    --format) echo text json csv timeline ;;
    --halt) echo end wait ;;
    --group) echo all reason cpu guest ;;
    --sort) echo rate ticks total name ;;
    --device) echo /dev/rmvisor /dev/kvm ;;
    --cpu|--cpus|--vcpu|--vcpus|--timeout|--seconds|--interval|--count|--vm|--load|--memory|--entry|\
    --name|--reason|--filter|--mmio|--ports|--gdb) ;;
    *) return 1 ;;
    esac
}

_rmguest() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
    local before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="$(_rmguest_commands "$program") --help --version"
    elif [[ $word == -* ]]; then
        words=$(_rmguest_options "$program" "$command")
    elif [[ $before == -* ]] && words=$(_rmguest_values "$program" "$before"); then
        :
    elif [ "$command" = stop ] || { [ "$command" = inject ] && [ "$COMP_CWORD" -eq 2 ]; }; then
        words=$(_rmguest_guests "$program")
    elif [ "$command" = inject ] && [ "$COMP_CWORD" -eq 3 ]; then
        words="irq nmi init sipi"
    else
        compopt -o default 2>/dev/null  # files
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _rmguest rmguest
