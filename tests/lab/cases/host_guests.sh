# SPDX-License-Identifier: GPL-2.0-only
# Every test guest on this host's own KVM. RMGUEST and GUESTS say where things are.
exec sh "$GUESTS/run.sh" --rmguest "$RMGUEST" --device /dev/kvm
