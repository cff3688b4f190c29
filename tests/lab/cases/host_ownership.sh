# SPDX-License-Identifier: GPL-2.0-only
# What KVM answers to forks, duplicates and threads, on this host's own. GUESTS says where things are.
exec "$GUESTS/ownership" /dev/kvm
