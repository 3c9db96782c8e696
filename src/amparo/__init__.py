"""Amparo: a self-hosted protection desk for human rights defenders."""

__version__ = "0.1.0"
