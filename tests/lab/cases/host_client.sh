# SPDX-License-Identifier: GPL-2.0-only
# The small KVM client on this host's own KVM. KVM_CLIENT says where it is.
. "$(dirname "$0")/tap.sh"

plan 2
says 'in port 0x20 size 1' "the client runs" "$KVM_CLIENT" /dev/kvm
says 'out port 0x10 size 1 value 0x56' "and the guest gets what it reads" "$KVM_CLIENT" /dev/kvm
finish
