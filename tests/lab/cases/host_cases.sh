# SPDX-License-Identifier: GPL-2.0-only
# Every case on this host's own KVM. GUESTS says where they are.
exec "$GUESTS/owner" --device /dev/kvm "$GUESTS"/cases/*.bin
