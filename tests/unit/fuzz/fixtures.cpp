// SPDX-License-Identifier: GPL-2.0-only
// The fixtures of other suites, for the targets.
#include "apic/reference.cpp"
