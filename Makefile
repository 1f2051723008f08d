# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every way into imconf; `make help` lists them. What takes more than a few
# lines lives in tools/.

KAMAILIO   ?= kamailio
ADDRESS    ?= 127.0.0.1
PORT       ?= 5060
MSRP_PORT  ?= 2855
XDMS_PORT  ?= 8080
FUZZ_SECONDS ?= 10
HOSTILE    ?= 10
DESTDIR    ?=
prefix     ?= /usr
sysconfdir ?= /etc
DEFINES    ?=
SUITES     ?= bookworm trixie sid

BUILD  := $(CURDIR)/build
MODULE := $(CURDIR)/modules/imconf
JOBS   := $(shell nproc 2>/dev/null || echo 1)

# KAMAILIO_SRC=<folder> builds against that source; without it the source of
# the installed package is fetched into build/kamailio
ifdef KAMAILIO_SRC
KSRC := $(abspath $(KAMAILIO_SRC))/src
SOURCE_STEP :=
else
KSRC := $(BUILD)/kamailio/src
SOURCE_STEP := tools/kamailio-source.sh $(BUILD)
endif

# the interpreter that has pytest; Debian's own before others
PYTHON ?= $(shell for p in /usr/bin/python3 python3; do \
	$$p -c 'import pytest' 2>/dev/null && echo $$p && exit; \
	done; echo /usr/bin/python3)

BUILD_DEPS := $(if $(KAMAILIO_SRC),,kamailio) gcc libc6-dev make pkg-config \
	dpkg-dev libevent-dev libxml2-dev libjson-c-dev \
	libcurl4-gnutls-dev libgnutls28-dev libwslay-dev \
	libunistring-dev
# netbase: without /etc/protocols Kamailio complains about TCP
RUN_DEPS   := kamailio nginx-light python3 netbase
TEST_DEPS  := openssl libcmocka-dev python3-pytest python3-pytest-xdist sip-tester \
	libxml2-utils iproute2 kamailio-sqlite-modules kamailio-utils-modules
LINT_DEPS  := clang-format clang-tidy cppcheck \
	docbook-xml docbook-xsl lynx xsltproc
CHROOT_DEPS := debootstrap
FUZZ_DEPS  := clang libclang-rt-dev

export KSRC KAMAILIO PYTHON BUILD MODULE JOBS

.PHONY: all help deps source build check-abi install deb docs clean \
	run demo chat test test-deb test-matrix test-sanitized unit scenario bench fuzz lint format \
	build-deps run-deps test-deps lint-deps fuzz-deps chroot-deps

all: build

help:
	@echo "make              build the module for the installed Kamailio"
	@echo "make run          a Kamailio with imconf and an XDMS, in the foreground"
	@echo "                  ADDRESS=$(ADDRESS) PORT=$(PORT) MSRP_PORT=$(MSRP_PORT) XDMS_PORT=$(XDMS_PORT)"
	@echo "                  DEFINES=WITH_AUTH asks users for their passwords"
	@echo "make chat         a chat in the terminal: USER=alice [INVITE=bob,carol]"
	@echo "                  or GROUP=team, a group's name or URI;"
	@echo "                  ADDRESS= and PORT= as for run, [PASSWORD=]"
	@echo "make demo         three clients hold a short conference; prints it"
	@echo "make test         lint, unit tests, scenarios; says how many passed"
	@echo "make lint         formatting, warnings, static analysis, configurations;"
	@echo "                  CHECK=<name> does one of them"
	@echo "make unit         unit tests, with sanitizers; T=<name> runs one program"
	@echo "make scenario     a real Kamailio and real clients; K=<name> picks tests"
	@echo "make test-sanitized  the scenarios with a module built with the address and"
	@echo "                  undefined behaviour sanitizers, leaks included (20"
	@echo "                  minutes); K=<name> picks tests, HOSTILE=$(HOSTILE) times as"
	@echo "                  much hostile input as usual, HOSTILE_SEED=<number>"
	@echo "make fuzz         every parser for FUZZ_SECONDS=$(FUZZ_SECONDS); T=<name> one of them"
	@echo "make bench        load figures; BENCH=<arguments> of test/bench/bench.py"
	@echo "make format       lays out the C sources"
	@echo "make install      the module and the example configuration: DESTDIR="
	@echo "make docs         the pages that are made from other files"
	@echo "make deb          a Debian package for the installed Kamailio, in build/"
	@echo "make test-deb     tries that package in a fresh chroot (root, network)"
	@echo "make test-matrix  builds and tests against other Debians' Kamailios, in"
	@echo "                  chroots (root, network): SUITES=\"$(SUITES)\""
	@echo "make check-abi    does the module fit the Kamailio that shall load it?"
	@echo "make deps         installs every package the targets above need"
	@echo "make source       fetches the installed Kamailio's source into build/"
	@echo "make clean        removes what was built"
	@echo "Another Kamailio: KAMAILIO_SRC=<its source> KAMAILIO=<its program>"

build-deps: ; @tools/install-packages.sh $(BUILD_DEPS)
run-deps:   ; @tools/install-packages.sh $(BUILD_DEPS) $(RUN_DEPS)
test-deps:  ; @tools/install-packages.sh $(BUILD_DEPS) $(RUN_DEPS) $(TEST_DEPS)
lint-deps:  ; @tools/install-packages.sh $(BUILD_DEPS) $(RUN_DEPS) $(LINT_DEPS)
chroot-deps: ; @tools/install-packages.sh $(CHROOT_DEPS)
fuzz-deps:  ; @tools/install-packages.sh $(BUILD_DEPS) $(FUZZ_DEPS)
deps:
	@tools/install-packages.sh $(BUILD_DEPS) $(RUN_DEPS) $(TEST_DEPS) \
		$(LINT_DEPS) $(FUZZ_DEPS)

$(BUILD):
	@mkdir -p $@

source: build-deps | $(BUILD)
	@flock $(BUILD) tools/prepare-source.sh $(SOURCE_STEP)

build: source
	@flock $(BUILD) tools/build-module.sh
	@tools/check-abi.sh

check-abi:
	@tools/check-abi.sh

install: build
	@tools/install.sh "$(DESTDIR)" "$(prefix)" "$(sysconfdir)"

clean:
	@rm -rf $(BUILD) .pytest_cache
	@cd modules/imconf && find . \( -name '*.o' -o -name '*.d' -o -name '*.so' \
		-o -name '*.lst' \) -delete
	@find test -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

run: run-deps build
	@ADDRESS="$(ADDRESS)" PORT="$(PORT)" MSRP_PORT="$(MSRP_PORT)" \
		XDMS_PORT="$(XDMS_PORT)" DEFINES="$(DEFINES)" \
		tools/foreground.sh tools/run.sh

demo: run-deps build
	@tools/demo.sh

# USER is in everybody's environment; only the one on the command line counts
chat: run-deps
	@$(if $(filter command line,$(origin USER)),,echo \
		"imconf: say who you are: make chat USER=alice" >&2; exit 1;) \
		PYTHONPATH=test tools/foreground.sh $(PYTHON) -m imclient chat --user "$(USER)" \
		$(if $(INVITE),--invite "$(INVITE)") \
		$(if $(filter command line,$(origin GROUP)),--group "$(GROUP)") \
		$(if $(PASSWORD),--password "$(PASSWORD)") \
		--proxy "$(ADDRESS):$(PORT)"

test: test-deps lint-deps build
	@tools/test.sh

lint: lint-deps $(if $(CHECK),source,build)
	@tools/lint.sh $(CHECK)

format: lint-deps
	@clang-format -i $$(tools/c-files.sh)

unit: test-deps source
	@$(MAKE) --no-print-directory -j$(JOBS) -C test/unit check

scenario: test-deps build
	@PYTHONPATH=test $(PYTHON) -m pytest -q -n 4 test/scenario \
		$(if $(K),-k "$(K)")

test-sanitized: test-deps source
	@flock $(BUILD) tools/build-sanitized.sh
	@SANITIZED=1 MODULE=$(BUILD)/sanitized/module HOSTILE=$(HOSTILE) \
		PYTHONPATH=test $(PYTHON) -m pytest -q -p no:cacheprovider -n 2 \
		test/scenario $(if $(K),-k "$(K)")

fuzz: fuzz-deps source
	@$(MAKE) --no-print-directory -C test/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) check

docs: lint-deps source
	@tools/docs.sh

deb: build
	@tools/deb.sh

test-deb: chroot-deps build
	@tools/test-deb.sh

test-matrix: chroot-deps
	@tools/matrix.sh $(SUITES)

bench: run-deps test-deps build
	@test/bench/run.sh
