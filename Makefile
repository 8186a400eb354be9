# make: the binary. Everything else is in scripts/, so that CI and people run the same commands.

BUILD ?= build/release

.PHONY: all demo test ci soak bench format docs package clean

all: $(BUILD)/build.ninja
	ninja -C $(BUILD) baton

$(BUILD)/build.ninja: CMakeLists.txt CMakePresets.json
	@scripts/setup
	cmake --preset release

demo: all
	scripts/demo

test:
	@scripts/setup
	scripts/run-tests

ci:
	@scripts/setup
	scripts/ci

soak: all
	scripts/soak

bench: $(BUILD)/build.ninja
	@scripts/setup
	ninja -C $(BUILD)
	bench/run.py

format:
	git ls-files '*.cc' '*.h' | xargs clang-format-19 -i

docs: all
	$(BUILD)/baton help commands --markdown > docs/commands.md
	$(BUILD)/baton help settings --markdown > docs/settings.md

package: $(BUILD)/build.ninja
	ninja -C $(BUILD)
	cd $(BUILD) && cpack

clean:
	rm -rf build
