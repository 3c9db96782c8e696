"""The machine door: for programs on this machine, such as the terminal's `amparo queue`, over a local socket.

Enters: JSON over HTTP through a Unix socket that only the desk's own account can reach, with the secret of a session in
a header. Leaves: JSON, errors in one shape; the same cases, by the same policy, as on the staff door.
Must never know: a key, a case outside the colleague's grants, a request that came over a network, a cookie.

There is no token against forged forms here: a browser cannot open a Unix socket, no cookie is read, and the secret
stands in a header that nothing adds by itself, so no other site can act in a colleague's name.
"""
