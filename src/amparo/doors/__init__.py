"""The web, one folder per audience; the folder is the trust boundary.

Enters: requests of people nobody knows, whose every byte may be hostile. Leaves: pages without scripts and
without anything from elsewhere, with the same strict headers on every answer. Must never know: a key, or
how a thing is sealed; doors ask the desk and show what it says.
"""
