// SPDX-License-Identifier: GPL-2.0-only
// What most of the visor's sources include: compiled once (Makefile).
#pragma once

#include "exit/context.hpp"
#include "rm_guest/control_registers.hpp"
#include "vmx/globals.hpp"
#include "x86/control_registers.hpp"
#include "x86/insn.hpp"
