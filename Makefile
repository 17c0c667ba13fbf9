# The chores of Sekisho. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test ci check bench fresh fuzz postgres clean

help: ## list every chore
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: ## build and run the demo: a whole invented company on this machine
	@testing/install.sh build
	cargo run --locked -p sekisho -- demo

test: ## install what the tests need, then run every test
	@testing/run.sh

ci: ## exactly what CI runs
	@bash .ci/run

check: ## the quick look while writing: format, lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

fresh: ## rebuild derived files (assets, arrows); CI fails when they differ
	npm ci --prefix islands --silent && npm run --prefix islands --silent build
	SEKISHO_FRESH=1 cargo test --locked -p sekisho --test it walls

postgres: ## start the tests' PostgreSQL and print how to use it
	@testing/postgres.sh start

bench: ## measure everything in release, write docs/benchmarks.md
	@testing/install.sh test
	node testing/bench.mjs

fuzz: ## a coverage-guided run of each fuzz target (SEKISHO_FUZZ_SECONDS each)
	@testing/fuzz.sh
