"""The hub: the one Django app, where sealed rows are kept and services act on them.

Enters: what the doors received (already sealed files, answers inside a sealed session, commands of open
staff). Leaves: value structs for pages, and sealed rows. It must never know a private key outside the
session that lent it, never write a name, a narrative, a file name, a country or a language in clear, and
never run a parser of evidence in the process that holds keys.
"""
