"""Who or what is attacked. An organisation or civic space needs no invented person."""

from amparo.words.codes import CodeList, load

TARGETS: CodeList = load("targets")

NEEDS_PERSON: frozenset[str] = frozenset({"person", "group"})
"""Targets that are people. The others are attacked without anyone having to be named."""
