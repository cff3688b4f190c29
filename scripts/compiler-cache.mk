# SPDX-License-Identifier: GPL-2.0-only
#
# What was compiled before is not compiled again, where Debian's package ccache is installed:
# objects are kept outside the tree. They are found from another folder too, but for the module's,
# since Kbuild names its sources by their whole path.

compilers := /usr/lib/ccache
ifneq ($(wildcard $(compilers)),)
  export PATH := $(compilers):$(PATH)
  export CCACHE_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/rmvisor/ccache
  export CCACHE_MAXSIZE ?= 2G
  export CCACHE_BASEDIR ?= $(CURDIR)
  export CCACHE_NOHASHDIR ?= 1
  # What precompiled headers need.
  export CCACHE_SLOPPINESS ?= pch_defines,time_macros
endif
