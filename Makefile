# SPDX-License-Identifier: GPL-2.0-only
#
# rmvisor: `make help` lists the targets.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := all

BUILD := $(CURDIR)/build
PYTHON ?= python3
JOBS ?= $(shell nproc)

# A recipe that calls make again is parallel even when this make was not called with -j.
parallel := $(if $(findstring --jobserver,$(MAKEFLAGS)),,-j$(JOBS))

include scripts/compiler-cache.mk

# ---- which kernel -------------------------------------------------------------
#
# KDIR=build tree, or KVER=release; else the running kernel if its headers are
# here, else the newest Debian 6.1 that has them.

LAB_KERNEL ?= 6.1-cloud
lab := $(PYTHON) tests/lab/lab.py

ifdef KDIR
  ifndef KVER
    # Debian's include/config/kernel.release is not what uname -r says.
    KVER := $(shell sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' '$(KDIR)/include/generated/utsrelease.h' 2>/dev/null)
  endif
else
  ifndef KVER
    has-headers = $(wildcard /lib/modules/$1/build/Makefile)
    KVER := $(shell uname -r)
    ifeq ($(call has-headers,$(KVER)),)
      newest := $(shell ls -d /lib/modules/6.1.*-cloud-amd64/build 2>/dev/null | sort -V | tail -n1)
      newest := $(or $(newest),$(shell ls -d /lib/modules/6.1.*/build 2>/dev/null | sort -V | tail -n1))
      ifneq ($(newest),)
        kernel-note := no headers of the running kernel $(KVER); KVER=... chooses another
        KVER := $(notdir $(patsubst %/build,%,$(newest)))
      endif
    endif
  endif
  KDIR := /lib/modules/$(KVER)/build
endif

# FAULT=1: a build for tests that can force failures, beside the ordinary one.
MODULE_NAME := $(KVER)$(if $(FAULT),-fault)
MODULE_BUILD := $(BUILD)/$(MODULE_NAME)

# ---- build ----------------------------------------------------------------------

.PHONY: all module rmguest guests
all: module rmguest guests

# Without a vmlinux Kbuild can't make BTF, and pahole can't read C++ (it would say
# so for every build): off.
module:
	@scripts/require command gcc ld nm readelf objdump objcopy $(PYTHON)
	@scripts/require kernel '$(KVER)' '$(KDIR)'
	@scripts/mirror $(MODULE_BUILD)
	@echo 'rmvisor: module for $(KVER)$(if $(kernel-note), ($(kernel-note)))'
	@$(MAKE) $(parallel) -C $(KDIR) M=$(MODULE_BUILD) CONFIG_DEBUG_INFO_BTF_MODULES= \
		RMVISOR_FAULT=$(FAULT) modules
	@scripts/split-debug $(MODULE_BUILD)/rmvisor.ko
	@echo 'rmvisor: build/$(MODULE_NAME)/rmvisor.ko'

# What the lab's cases put beside the module: tests/lab/modules/.
LAB_MODULES := $(BUILD)/$(KVER)-lab
.PHONY: lab-modules
lab-modules:
	@scripts/require kernel '$(KVER)' '$(KDIR)'
	@mkdir -p $(LAB_MODULES)
	@cp -sf $(CURDIR)/tests/lab/modules/Kbuild $(CURDIR)/tests/lab/modules/rmtest*.[ch] \
		$(CURDIR)/kmod/shim/ipi.[ch] $(LAB_MODULES)
	@$(MAKE) $(parallel) -C $(KDIR) M=$(LAB_MODULES) CONFIG_DEBUG_INFO_BTF_MODULES= modules

# The shim's parts that KUnit runs; KDIR has to be a kernel with CONFIG_KUNIT.
KUNIT_MODULE := $(BUILD)/$(KVER)-kunit
.PHONY: kunit-module
kunit-module:
	@scripts/require kernel '$(KVER)' '$(KDIR)'
	@scripts/mirror $(KUNIT_MODULE) tests/kunit
	@$(MAKE) $(parallel) -C $(KDIR) M=$(KUNIT_MODULE) CONFIG_DEBUG_INFO_BTF_MODULES= modules

rmguest:
	@scripts/require command g++
	@scripts/require header CLI/CLI.hpp fmt/format.h nlohmann/json.hpp libelf.h Zydis/Zydis.h curses.h
	@$(MAKE) $(parallel) -C user BUILD=$(BUILD)/user

guests:
	@scripts/require command nasm g++
	@$(MAKE) $(parallel) -C tests/guests BUILD=$(BUILD)/guests

# ---- run and test -----------------------------------------------------------------

.PHONY: install-deps run test test-unit lab-shell coverage mutation fuzz soak
install-deps:
	@scripts/install-deps

# The module for the kernel that the lab boots.
.PHONY: lab-build
lab-build:
	@release=$$($(lab) kernel-release --kernel $(LAB_KERNEL)) && \
	scripts/install-deps linux-headers-$$release && \
	$(MAKE) module KVER=$$release KDIR=/lib/modules/$$release/build && \
	$(MAKE) rmguest guests

# DEMO=name: tests/lab/cases/demo.py has the list.
demo := $(PYTHON) tests/lab/cases/demo.py $(if $(DEMO),--demo '$(DEMO)')
.PHONY: known-demo
known-demo:
	@$(demo) --check

run: known-demo install-deps
	@$(MAKE) lab-build
	@release=$$($(lab) kernel-release --kernel $(LAB_KERNEL)) && \
	$(MAKE) lab-modules KVER=$$release KDIR=/lib/modules/$$release/build
	@$(demo) --kernel $(LAB_KERNEL) --build $(BUILD)

# tests/run builds what it needs. Headers of 6.12 bring a kernel image with them, so
# only .ci/run installs them; here its cases are skipped when they are not there.
test: install-deps
	@for kernel in 6.1-cloud 6.1-amd64; do \
		release=$$($(lab) kernel-release --kernel $$kernel) && \
		scripts/install-deps linux-headers-$$release || exit 1; \
	done
	@tests/run --build $(BUILD) $(TEST_ARGS)

test-unit:
	@scripts/require command g++ $(PYTHON)
	@scripts/require header gtest/gtest.h
	@$(MAKE) $(parallel) -C tests/unit BUILD=$(BUILD)/unit check

# The visor's suites, counted; 90 % of its lines at least.
visor-suites := apic entry_check ept fuzz linux rm_guest texts trace x86
coverage:
	@scripts/require command g++ $(PYTHON)
	@mkdir -p $(BUILD)
	@find $(BUILD)/coverage -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) $(parallel) -C tests/unit BUILD=$(BUILD)/coverage COVERAGE=1 \
		SUITES='$(visor-suites)' check >$(BUILD)/coverage.log 2>&1 || \
		{ tail -n 30 $(BUILD)/coverage.log; exit 1; }
	@scripts/coverage $(BUILD)/coverage

# Is each line tested? Half an hour on two CPUs.
mutation:
	@scripts/mutate --build $(BUILD)/mutation $(MUTATE)

# The table of docs/benchmark.md: rmvisor and KVM in one boot, in TSC ticks.
.PHONY: bench bench-programs
bench-programs:
	@scripts/require command nasm g++
	@$(MAKE) $(parallel) -C tests/bench BUILD=$(BUILD)/bench

bench: install-deps
	@$(MAKE) lab-build
	@$(MAKE) bench-programs
	@release=$$($(lab) kernel-release --kernel $(LAB_KERNEL)) && \
	$(MAKE) module FAULT=1 KVER=$$release KDIR=/lib/modules/$$release/build && \
	$(MAKE) lab-modules KVER=$$release KDIR=/lib/modules/$$release/build
	@$(PYTHON) tests/bench/bench.py --kernel $(LAB_KERNEL) --build $(BUILD) $(BENCH_ARGS)

# The same in cycles, on this machine and its kernel; loads modules, so as root.
.PHONY: bench-here
bench-here:
	@$(MAKE) bench-programs
	@$(MAKE) module
	@$(MAKE) module FAULT=1
	@$(MAKE) lab-modules
	@$(PYTHON) tests/bench/bench.py --here --build $(BUILD) $(BENCH_ARGS)

# FUZZ_SECONDS for each target; TARGETS="apic ept" some of them.
FUZZ_SECONDS ?= 60
fuzz:
	@scripts/install-deps clang-16 libclang-rt-16-dev
	@$(MAKE) $(parallel) -C tests/fuzz BUILD=$(BUILD)/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) \
		$(if $(TARGETS),TARGETS='$(TARGETS)') run

# Random walks until HOURS are over or WALKS done; SEED=n ONCE=1 plays one again.
HOURS ?= 1
soak: install-deps
	@$(MAKE) lab-build
	@$(PYTHON) tests/lab/cases/soak.py --build $(BUILD) --hours $(HOURS) \
		$(if $(SEED),--seed $(SEED)) $(if $(STEPS),--steps $(STEPS)) \
		$(if $(WALKS),--walks $(WALKS)) $(if $(ONCE),--once)

lab-shell: install-deps
	@$(MAKE) lab-build
	@$(lab) shell --kernel $(LAB_KERNEL) --binary $(BUILD)/user/rmguest --file $(BUILD)/guests \
		--file $(BUILD)/$$($(lab) kernel-release --kernel $(LAB_KERNEL))/rmvisor.ko $(LAB_ARGS)

# ---- the rest -----------------------------------------------------------------------

.PHONY: format lint clean help
# The checks that take seconds are part of make test. GNU make has a LINT of its own.
ifeq ($(origin LINT),default)
  LINT :=
endif
lint:
	@scripts/install-deps clang-tidy cppcheck sparse perl linux-source-6.1
	@$(PYTHON) scripts/lint $(LINT)

format:
	@scripts/require command clang-format
	clang-format -i $$(git ls-files 'kmod/*.hpp' 'kmod/*.cpp' 'user/*.hpp' 'user/*.cpp' 'tests/*.hpp' 'tests/*.cpp')

clean:
	rm -rf $(BUILD)

help:
	@echo 'make               rmvisor.ko for KVER, rmguest, and the guests of the tests'
	@echo 'make module        build/<release>/rmvisor.ko; KVER=release or KDIR=build tree picks the kernel'
	@echo '                   FAULT=1: build/<release>-fault/, which can force failures, for tests'
	@echo 'make lab-modules   build/<release>-lab/rmtest.ko: what tests need in the kernel'
	@echo 'make rmguest       the user tool; make guests: the guests under tests/guests'
	@echo 'make run           a real-mode guest on a dedicated CPU, in the lab (Bochs or nested KVM);'
	@echo '                   DEMO=init, DEMO=smi: the two classic hangs, and what comes of them here'
	@echo 'make lab-shell     a shell in the lab, with the module and rmguest in it'
	@echo 'make test          every test; TEST_ARGS goes to tests/run'
	@echo 'make bench         rmvisor next to KVM, in ticks, as a table and as build/bench/results.json'
	@echo 'make bench-here    the same in cycles of this machine, as root: build/bench/here.json'
	@echo 'make test-unit     unit tests only: visor, rmguest, build checks'
	@echo 'make coverage      lines of the visor that the unit tests run, file by file'
	@echo 'make mutation      breaks lines of the visor: does a unit test fail? MUTATE="--count 50 --seed 3"'
	@echo 'make fuzz          FUZZ_SECONDS=60 for each of tests/fuzz; TARGETS="apic ept" some of them'
	@echo 'make soak          HOURS=1 of random walks in the lab, or WALKS=9 of STEPS=8: each machine once;'
	@echo '                   SEED=n ONCE=1 plays one again'
	@echo 'make lint          every static check; LINT="shellcheck sparse" some of them'
	@echo 'make format        what make lint wants of the C++'
	@echo 'make install-deps  the Debian packages of scripts/packages.txt (run and test call it)'
	@echo 'make clean         removes build/'
	@echo
	@echo 'KVER=$(KVER)'
	@echo 'LAB_KERNEL=$(LAB_KERNEL) (for run, test, lab-shell: a name or release that tests/lab/lab.py knows)'
	@echo 'LAB_ARGS=$(LAB_ARGS) (for lab-shell: more options of tests/lab/lab.py shell, such as --cpus 4)'
