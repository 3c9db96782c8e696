"""Amparo: a self-hosted protection desk for human rights defenders.

Reports of what is done to defenders online enter through `doors` or `cli`; sealed cases, explained findings, first
steps and answers leave. The rooms import downwards only (doors and cli, desk, libraries, seal, words), and no room
below `desk` ever knows the web, the network or the database. docs/architecture.md is the map.
"""

__version__ = "0.1.0"
