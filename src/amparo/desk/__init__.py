"""The hub: the one Django app.

Enters: what a door took in, already checked for shape. Leaves: sealed rows, and values opened for
whoever holds a grant. Must never know: a receipt, a password or a private key beyond the request
or session that carries it; nothing of a case is ever written in clear.
"""
