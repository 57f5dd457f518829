# Otedama: build, test and everything else. `make help` lists the targets.
# Variables: SAN=address,undefined | SAN=thread, DEBUG=1, DEV=1 (warnings are errors), COVER=1,
# CC=clang, CROSS=aarch64-linux-gnu- (build for another machine), T=pattern (which tests), PREFIX,
# DESTDIR.

VERSION := 0.1.0
PREFIX  ?= /usr/local
CC      := $(if $(filter default,$(origin CC)),$(CROSS)gcc,$(CC))
AR      := $(CROSS)ar
CLANG   ?= $(firstword $(shell command -v clang-14 clang 2>/dev/null) clang)
comma   := ,

variant := $(if $(SAN),san-$(subst $(comma),-,$(SAN)),$(if $(COVER),cover,$(if $(DEBUG),debug,release)))
variant := $(variant)$(if $(findstring clang,$(CC)),-clang)$(CROSS:%-=-%)
B       := build/$(variant)

packages := gcc libc6-dev pkg-config libuv1-dev libncurses-dev libjansson-dev libyaml-dev \
            libcurl4-openssl-dev libwebsockets-dev libssl-dev libsqlite3-dev libhwloc-dev uthash-dev librandomx-dev libsodium-dev
test_packages := libcmocka-dev python3 python3-pyte tmux litecoind monero nodejs npm curl
lint_packages := clang clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev cppcheck shellcheck mandoc
libs := libuv ncursesw jansson yaml-0.1 libcurl libwebsockets libcrypto libssl sqlite3 hwloc libsodium

# libraries of another machine are unpacked below build/
sysroot := $(CROSS:%-=build/sysroot/%)
cross_packages := libcmocka-dev $(filter-out gcc pkg-config,$(packages))
pkg_config := $(if $(CROSS),PKG_CONFIG_SYSROOT_DIR=$(abspath $(sysroot)) PKG_CONFIG_LIBDIR=$(sysroot)/usr/lib/$(CROSS:%-=%)/pkgconfig:$(sysroot)/usr/share/pkgconfig )pkg-config

ifneq ($(filter-out deps qemu-deps help clean format,$(or $(MAKECMDGOALS),build)),)
missing := $(shell command -v $(CC) pkg-config >/dev/null && $(pkg_config) --exists $(libs) 2>/dev/null && test -e $(sysroot)/usr/include/uthash.h $(if $(CROSS),&& grep -qxF '$(cross_packages)' $(sysroot)/packages) || echo yes)
endif
# after `make deps` in the same run these are evaluated again by the sub-make
pkg_cflags = $(if $(missing),,$(shell $(pkg_config) --cflags $(libs)))
pkg_libs   = $(if $(missing),,$(shell $(pkg_config) --libs $(libs)))

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wvla -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wformat=2 -Wcast-qual -Wimplicit-fallthrough -Wpointer-arith
optimise := $(if $(DEBUG)$(COVER),-O0,$(if $(SAN),-O1,-O2))
harden   := $(if $(SAN)$(DEBUG)$(COVER),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
instrument := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
              $(if $(COVER),--coverage)
CFLAGS   ?= -g
all_cflags = $(sysroot:%=--sysroot=%) -std=c17 -D_GNU_SOURCE -Isrc -I. $(warnings) $(if $(DEV),-Werror) $(optimise) $(harden) \
             -fPIE -fno-plt -ffp-contract=off $(instrument) \
             -DOTEDAMA_VERSION='"$(VERSION)"' $(pkg_cflags) $(CFLAGS)
all_ldflags = $(sysroot:%=--sysroot=%) -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(instrument) $(LDFLAGS)
all_libs   = $(pkg_libs) -lpthread -ldl -lm

# files named for another machine are left out
machine  := $(firstword $(foreach m,x86_64 aarch64,$(if $(filter $m%,$(shell $(CC) -dumpmachine)),$m)) other)
named_x86_64  := sse2 sse41 avx2 avx512 shani cpu_x86_64 evex codegen jit items_codegen items aesni machine machine_codegen machine_steps
named_aarch64 := neon armsha cpu_aarch64 nojit
named_other   := cpu_other nojit
foreign  := $(filter-out $(named_$(machine)),$(named_x86_64) $(named_aarch64) $(named_other))
sources  := $(filter-out $(foreign:%=%.c) $(foreach f,$(foreign),%/$f.c),\
              $(sort $(shell find src kernels drivers ui -name '*.c')))
objects  := $(sources:%.c=$B/%.o) $B/embedded.o
lib_objs := $(filter-out $B/src/main.o,$(objects))
known    := $(patsubst %,tests/vectors/%.json,sha256d scrypt randomx ethash kawpow) # for `otedama selftest`
embedded := $(sort $(wildcard themes/*.theme src/store/migrations/*.sql) $(known))

unit_src     := $(sort $(shell find tests/unit tests/contract -name '*_test.c'))
unit_bins    := $(unit_src:%.c=$B/%)
helper_objs  := $(patsubst %.c,$B/%.o,$(wildcard tests/fake/*.c))
fuzz_src     := $(sort $(wildcard tests/fuzz/fuzz_*.c))
fuzz_bins    := $(fuzz_src:%.c=$B/%)
probe_bins   := $(patsubst %.c,$B/%,$(wildcard tests/integration/*.c))

.PHONY: build run test probes unit contract integration e2e qemu qemu-deps qemu-programs bench lint format fuzz cover man install uninstall \
        clean help deps test-deps lint-deps check-c all
.DEFAULT_GOAL := build

build: $B/otedama $(if $(CROSS),,compile_commands.json) ## the program (build/release/otedama)

ifeq ($(missing),yes)
$B/otedama: | deps
endif

run: ## installs what is missing, builds, starts on the embedded default
	@$(if $(missing),$(MAKE) --no-print-directory deps,true)
	@$(MAKE) --no-print-directory build
	@exec $B/otedama

deps: ## installs the packages that the build needs (Debian, Ubuntu; elsewhere prints them)
ifeq ($(CROSS),)
	@scripts/deps $(packages)
else
	@scripts/deps pkg-config gcc-$(subst _,-,$(CROSS:%-=%))
	@grep -qsxF '$(cross_packages)' $(sysroot)/packages || scripts/sysroot $(debian_$(firstword $(subst -, ,$(CROSS)))) $(sysroot) $(cross_packages)
endif
debian_aarch64 := arm64
debian_x86_64  := amd64

test-deps:
	@scripts/deps $(packages) $(test_packages)

lint-deps:
	@scripts/deps $(packages) $(lint_packages)

# V=1 shows the whole commands
say = @$(if $(V),,echo "  $(1)";)

# --- compiling -----------------------------------------------------------------------------------
# SIMD by file name: kernels/*/avx2.c is built with -mavx2 and reached only after a CPU check.
arch := $(shell command -v $(CC) >/dev/null && $(CC) -dumpmachine)
ifneq ($(filter x86_64%,$(arch)),)
simd_sse2   := -msse2
simd_sse41  := -msse4.1
simd_avx2   := -mavx2
# GCC reorders the AVX-512 rounds into more spills than it saves: 5 % of the SHA-256d rate
simd_avx512 := -mavx512f -mavx512bw -mavx512vl $(if $(findstring clang,$(CC)),,-fno-schedule-insns2 -fno-tree-reassoc)
simd_aesni  := -maes -msse4.1
simd_shani  := -msha -msse4.1
endif
ifneq ($(filter aarch64%,$(arch)),)
simd_armsha := -march=armv8-a+crypto
endif
kernel_flags = $(if $(filter kernels/%,$<),$(if $(SAN)$(DEBUG)$(COVER),,-O3)) $(simd_$(basename $(notdir $<)))

$B/%.o: %.c | $B/.ready
	@mkdir -p $(@D)
	$(call say,CC $<)$(CC) $(all_cflags) $(kernel_flags) -MMD -MP -c $< -o $@

$B/.ready:
	@$(if $(missing),$(MAKE) --no-print-directory deps,true)
	@mkdir -p $B && touch $@

$B/embedded.c: $(embedded) scripts/embed
	@mkdir -p $(@D)
	$(call say,GEN $@)scripts/embed $(embedded) > $@
$B/embedded.o: $B/embedded.c
	$(call say,CC $<)$(CC) $(all_cflags) -c $< -o $@

$B/libotedama.a: $(lib_objs)
	@rm -f $@
	@$(AR) rcs $@ $^

$B/otedama: $B/src/main.o $B/libotedama.a
	$(call say,LD $@)$(CC) $(all_ldflags) -o $@ $B/src/main.o $B/libotedama.a $(all_libs)

compile_commands.json: Makefile $(sources)
	@scripts/compdb '$(subst ','\'',$(CC) $(all_cflags))' $(sources) > $@

# --- tests ---------------------------------------------------------------------------------------
$B/libfake.a: $(helper_objs)
	@rm -f $@
	@$(AR) rcs $@ $^
$(unit_bins): $B/tests/%: $B/tests/%.o $B/libfake.a $B/libotedama.a
	$(call say,LD $@)$(CC) $(all_ldflags) -o $@ $< $B/libfake.a $B/libotedama.a $(all_libs) -lcmocka
$(fuzz_bins): $B/tests/%: $B/tests/%.o $B/tests/fuzz/replay.o $B/libotedama.a
	$(call say,LD $@)$(CC) $(all_ldflags) -o $@ $< $B/tests/fuzz/replay.o $B/libotedama.a $(all_libs)
$(probe_bins): $B/tests/%: $B/tests/%.o $B/libotedama.a
	$(call say,LD $@)$(CC) $(all_ldflags) -o $@ $< $B/libotedama.a $(all_libs)
.PRECIOUS: $B/tests/%.o
probes: $(probe_bins) ## programs that integration tests drive

test: test-deps ## all tests; ends with "N passed, N failed, N skipped"
	@rm -f build/results
	@$(MAKE) --no-print-directory SAN=address,undefined check-c
	@$(MAKE) --no-print-directory SAN=thread check-c
	@$(MAKE) --no-print-directory build probes
	@$(if $(wildcard build/qemu/qemu-*),$(MAKE) --no-print-directory qemu-programs,true)
	@tests/run --results build/results integration e2e
	@tests/run --results build/results --total

check-c: $(unit_bins) $(fuzz_bins) build/corpus/stratum
	@tests/run --results build/results --pattern '$(T)' c $B

unit: ## unit tests; T=pattern picks, SAN= as above
	@$(MAKE) --no-print-directory $(unit_bins)
	@tests/run --pattern 'unit/.*$(T)' c $B
contract: ## one test per registry, over every entry
	@$(MAKE) --no-print-directory $(unit_bins)
	@tests/run --pattern 'contract/.*$(T)' c $B
integration: build probes ## the whole program against fakes
	@tests/run --pattern '$(T)' integration
e2e: build ## the real program with real daemons, clients and a real terminal
	@tests/run --pattern '$(T)' e2e

# Emulated machines run the contract tests of the algorithms and choose their engines.
qemu_machines := x86_64 aarch64
qemu_programs := otedama tests/contract/algos_test tests/contract/known_test tests/contract/versions_test
qemu: qemu-deps ## the engines on emulated machines: 64-bit ARM, older and other x86-64
	@$(MAKE) --no-print-directory qemu-programs
	@tests/run --pattern qemu e2e
qemu-deps: deps # an emulator, a compiler for ARM and the libraries of that machine
	@scripts/emulators build/qemu $(qemu_machines)
	@$(MAKE) --no-print-directory CROSS=aarch64-linux-gnu- deps
qemu-programs:
	@$(MAKE) --no-print-directory $(qemu_programs:%=build/release/%)
	@$(MAKE) --no-print-directory CROSS=aarch64-linux-gnu- $(qemu_programs:%=build/release-aarch64-linux-gnu/%)

fuzz: ## libFuzzer: F=stratum TIME=60
	@$(MAKE) --no-print-directory CC=$(CLANG) SAN=fuzzer-no-link,address,undefined F='$(F)' fuzz-run
fuzz-run: $B/libotedama.a build/corpus/stratum
	@for f in $(or $(F:%=tests/fuzz/fuzz_%.c),$(fuzz_src)); do n=$$(basename $$f .c); \
	  mkdir -p build/fuzz/$$n; echo "== $$n"; \
	  $(CC) $(all_cflags) $$f -o $B/$$n $B/libotedama.a $(all_ldflags) -fsanitize=fuzzer $(all_libs) && \
	  $B/$$n -max_total_time=$(or $(TIME),60) -timeout=10 build/fuzz/$$n $$(ls -d tests/fuzz/corpus/$${n#fuzz_} build/corpus/$${n#fuzz_} 2>/dev/null) || exit 1; done

# what was said in the transcripts is where fuzzing of the dialects begins
build/corpus/stratum: scripts/transcript-corpus $(wildcard tests/transcripts/*.txt)
	$(call say,GEN $@)scripts/transcript-corpus $@ $(filter %.txt,$^)

bench: build ## every engine and hot path
	@$B/otedama bench --algo all
	@$B/otedama bench pool

lint: ## layers, formatting, clang-tidy, cppcheck, shell, manuals
	@scripts/lint

format: ## clang-format in place
	@find src kernels drivers ui tests -name '*.[ch]' | xargs clang-format-14 -i

cover: ## line coverage by folder
	@$(MAKE) --no-print-directory COVER=1 check-c
	@scripts/cover build/cover

# --- documents and installation ------------------------------------------------------------------
man: build ## generated tables: manuals and the example configuration
	@$B/otedama config example > config.example.yaml
	@scripts/manuals $B/otedama

install: build ## into DESTDIR/PREFIX
	install -Dm755 $B/otedama $(DESTDIR)$(PREFIX)/bin/otedama
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/man/man1 man/*.1
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/man/man5 man/*.5
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/man/man7 man/*.7
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/otedama/themes themes/*.theme
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|/usr/local|$(PREFIX)|' scripts/systemd/otedama.service \
	  > $(DESTDIR)$(PREFIX)/lib/systemd/system/otedama.service
	install -Dm644 config.example.yaml $(DESTDIR)$(PREFIX)/share/doc/otedama/config.example.yaml

uninstall: ## removes what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/otedama $(DESTDIR)$(PREFIX)/lib/systemd/system/otedama.service \
	  $(DESTDIR)$(PREFIX)/share/man/man1/otedama.1 $(DESTDIR)$(PREFIX)/share/man/man5/otedama.yaml.5 \
	  $(DESTDIR)$(PREFIX)/share/man/man7/otedama-api.7
	rm -rf $(DESTDIR)$(PREFIX)/share/otedama $(DESTDIR)$(PREFIX)/share/doc/otedama

clean: ## removes build/
	rm -rf build compile_commands.json

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 14

-include $(shell find $B -name '*.d' 2>/dev/null)
