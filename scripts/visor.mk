# SPDX-License-Identifier: GPL-2.0-only
#
# How Kbuild builds the visor: visor.o from visor-y and visor-setup-y (Kbuild).
#
#   foo.cpp, foo.S --compile--> foo.o          code of root
#   bar.cpp        --compile--> bar.setup.o    code of Linux's side
#   all of them    --ld -r-->   visor.o        one object; COMDAT groups resolved,
#                                              only visor_* left global
#   visor.o        --check-->   scripts/check-visor may fail the build
#
# objtool never sees the visor. What it would add (return thunks, retpolines,
# call sites, ENDBR seals) is what the kernel patches at load time, and a patched
# site in root is a call into Linux. Where it wants to run on the linked module
# (kernels with IBT), it runs before the visor is linked in. The visor keeps frame
# pointers instead of ORC data: a back trace of set-up code goes through them, and
# marks with ? what lies above.

# ---- the C++ compiler that belongs to the kernel's C compiler --------------

CXX := $(shell echo '$(CC)' | sed -E 's/gcc(-[0-9.]+)?$$/g++\1/; s/clang(-[0-9.]+)?$$/clang++\1/')
ifeq ($(shell command -v $(lastword $(CXX))),)
$(error no C++ compiler $(CXX) to go with $(CC): apt-get install $(notdir $(subst x86_64-linux-gnu-,,$(lastword $(CXX)))))
endif

# ---- flags ------------------------------------------------------------------

# Kbuild's flags fix code model, red zone, SSE, aliasing and overflow rules; these
# of them must not reach the visor: the C dialect, every warning choice (own ones
# below), and whatever makes the compiler or the kernel put calls to Linux into
# the code. Function padding is one: call-depth tracking patches a call into it.
visor-flags-remove = \
	-std=% -W% -fcf-protection=% -fplugin=% -fplugin-arg-% \
	-fstack-protector% -mstack-protector-guard% -fpatchable-function-entry% \
	-pg -mfentry -mrecord-mcount -mnop-mcount -DCC_USING_% \
	-mindirect-branch=% -mindirect-branch-register -mindirect-branch-cs-prefix \
	-mfunction-return=% -mretpoline-external-thunk \
	-fsanitize% -fprofile-arcs -ftest-coverage \
	$(CC_FLAGS_FTRACE) $(RETPOLINE_CFLAGS) $(RETHUNK_CFLAGS) $(PADDING_CFLAGS) \
	$(CC_FLAGS_LTO) $(CC_FLAGS_CFI) $(GCC_PLUGINS_CFLAGS)

visor-code-flags := \
	-fno-stack-protector -fcf-protection=none -fno-jump-tables \
	-mfunction-return=keep -mindirect-branch=keep \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-unwind-tables

visor-dialect := \
	-std=gnu++20 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics \
	-fno-use-cxa-atexit -fno-gnu-unique -funsigned-char

visor-warnings := \
	-Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Wsuggest-override \
	-Wzero-as-null-pointer-constant -Wswitch -Wvla -Wframe-larger-than=1024 -Werror

visor-cxxflags = $(filter-out $(visor-flags-remove), $(_c_flags) $(modkern_cflags)) \
	$(visor-dialect) $(visor-code-flags) $(visor-warnings)

# Kbuild's assembler flags carry debug information and -mharden-sls style options,
# but also everything above; a short list of our own is clearer.
visor-asflags = -D__ASSEMBLY__ -m64 -fno-PIE -g -Wa,--fatal-warnings \
	-I$(src)/kmod -I$(src)/include/uapi $(visor-fault-flags)

# ---- objects ----------------------------------------------------------------

visor-root-objs := $(addprefix $(obj)/, $(visor-y))
visor-setup-objs := $(patsubst %.o, $(obj)/%.setup.o, $(visor-setup-y))
visor-objs := $(visor-root-objs) $(visor-setup-objs)
visor-asm-objs := $(foreach o, $(visor-root-objs), \
	$(if $(wildcard $(patsubst $(obj)/%.o,$(src)/%.S,$o)), $o))
visor-cxx-objs := $(filter-out $(visor-asm-objs), $(visor-root-objs))

# Module flags for code that Kbuild does not know as part of the module, and no
# instrumentation in debug kernels either.
$(visor-objs): private part-of-module := y
$(visor-objs): private GCOV_PROFILE := n
$(visor-objs): private KASAN_SANITIZE := n
$(visor-objs): private KCSAN_SANITIZE := n
$(visor-objs): private KMSAN_SANITIZE := n
$(visor-objs): private UBSAN_SANITIZE := n
$(visor-objs): private KCOV_INSTRUMENT := n

quiet_cmd_cxx_o_cpp = CXX [M]  $@
      cmd_cxx_o_cpp = $(CXX) -Wp,-MMD,$(depfile) $(visor-cxxflags) -c -o $@ $<

$(visor-cxx-objs): $(obj)/%.o: $(src)/%.cpp FORCE
	$(call if_changed_dep,cxx_o_cpp)

$(visor-setup-objs): $(obj)/%.setup.o: $(src)/%.cpp FORCE
	$(call if_changed_dep,cxx_o_cpp)

quiet_cmd_visor_as = AS [M]  $@
      cmd_visor_as = $(CC) -Wp,-MMD,$(depfile) $(visor-asflags) -c -o $@ $<

$(visor-asm-objs): $(obj)/%.o: $(src)/%.S FORCE
	$(call if_changed_dep,visor_as)

targets += $(patsubst $(obj)/%, %, $(visor-objs)) visor.o

# ---- one object -------------------------------------------------------------

visor-lds := $(src)/scripts/visor.lds
visor-check := $(src)/scripts/check-visor

# Kbuild runs these under `set -e`, which ; keeps and && would not.
#
# One link of everything resolves COMDAT groups, inline variables and the
# visor's own memcpy; then only visor_* stays visible to the rest of the module,
# whose memcpy is the kernel's.
quiet_cmd_visor_link = VISOR   $@
      cmd_visor_link = \
	$(LD) $(KBUILD_LDFLAGS) -r --force-group-allocation -T $(visor-lds) \
		-o $@ $(visor-objs); \
	$(OBJCOPY) --wildcard --keep-global-symbol='visor_*' $@; \
	$(PYTHON3) $(visor-check) $@ --abi $(src)/kmod/abi.h \
		--readelf $(READELF) --objdump $(OBJDUMP) \
		--root $(visor-root-objs) --setup $(visor-setup-objs)

$(obj)/visor.o: $(visor-objs) $(visor-lds) $(visor-check) FORCE
	$(call if_changed,visor_link)

# ---- the module -------------------------------------------------------------

# Kbuild's own command, split in two: the shim alone, objtool on it where the
# kernel wants the linked module, then the visor.
$(obj)/rmvisor.o: private cmd_ld_multi_m = \
	$(LD) $(ld_flags) -r -o $@ $(addprefix $(obj)/, $(shim-y)) $(cmd_objtool); \
	$(LD) $(ld_flags) -r -o $@.tmp $@ $(obj)/visor.o; \
	mv $@.tmp $@
