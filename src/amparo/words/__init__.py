"""The vocabulary of the mission: frozen typed values and code lists.

What enters: nothing but packaged data files (read through importlib.resources) and plain values. What leaves:
immutable Structs that every other room shares: threats, findings, times, consents, questionnaires, people,
reports. What it must never know: keys, databases, networks, the clock, or which desk it runs at.
"""
