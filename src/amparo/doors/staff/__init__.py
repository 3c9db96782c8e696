"""The staff door: for people who work at the desk, after a password and a second factor.

Enters: what a signed-in colleague asks and types, and the pages of cases that this colleague's own keys open.
Leaves: HTML without any script, rendered copies of evidence, and originals after a warning.
Must never know: a key (it passes the open session on and reads none of it), a case outside the colleague's grants,
and any text of a case in a URL, a title, a log line or a cookie.
"""
