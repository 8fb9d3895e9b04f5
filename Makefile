# Every target is one call of ./swos, for people who type make. Variables of the command line:
#   MEM=256M  SMP_CPUS=1  QEMU=path  SWOS_TIMEOUT_SCALE=1
# `make` alone prints the targets; ./swos --help has the options.

.DEFAULT_GOAL := help

# Targets of the guide for what is not built; each says what it will be, and fails.
NOT_BUILT_YET := disk s1-test s4-resource-stress-test s5-run-any-placement-test package-fixture \
        package-overlay-test package-store-test package-local-install-test

.PHONY: help build base-image build/virt.dtb tools-check doctor run debug demo test test-fast \
        lint size clean distclean measure guard docs-test report names $(NOT_BUILT_YET)

help: ## print this list
	@sed -n 's/^\([a-z][a-z/.-]*\):.*## /\1\t/p' Makefile | expand -t 18

build: ## build kernel, programs, base image and device tree
	./swos build

base-image: ## build the programs and build/base.img
	./swos base-image

build/virt.dtb: ## write the device tree of the default machine
	./swos virt-dtb

tools-check: ## check the host's tools, one line each
	./swos doctor

doctor: tools-check ## the same

run: ## boot with the console on this terminal (Ctrl-A x leaves)
	./swos run

debug: ## boot and wait for gdb
	./swos run --gdb

demo: ## build, boot, tell a story, print what it cost
	./swos demo

test: ## all tests
	./swos test

test-fast: ## the tests that need no guest
	./swos test --host

lint: ## ruff and mypy
	./swos lint

measure: ## measure boot and language model
	./swos measure boot
	./swos measure llm

guard: ## check the bounds on counts and guest time (bench/guards)
	./swos guard

size: ## bytes of artifacts, lines of folders
	./swos size

docs-test: ## check the documents: links, commands, evidence behind figures, claims
	./swos docs-test

report: ## draw the stored records: build/report.html and build/report.md
	./swos report

names: ## list the names of the performance and sizing guide
	./swos names

$(NOT_BUILT_YET):
	./swos names $@

clean: ## remove build/
	./swos clean

distclean: ## remove build/, downloads and caches
	./swos clean --all
