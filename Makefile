# Every target only calls run.py; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test setup lint access bench

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo:  ## a fictional desk on this machine, to click through
	python3 run.py demo

test:  ## lint, import contracts, types and tests
	python3 run.py test

setup:  ## only make .venv
	python3 run.py setup

lint:  ## lint, import contracts and types
	python3 run.py lint

access:  ## the journeys in a real browser without scripts, then axe
	python3 run.py access

bench:  ## one benchmark: make bench NAME=seal
	python3 run.py bench $(NAME)
