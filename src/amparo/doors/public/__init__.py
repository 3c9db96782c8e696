"""What anyone may load without a session: the way to a language, the way out, and the sign of life.

Enters: a bare request. Leaves: a redirect or one line. Must never know: anything of a case or a person;
leaving only erases.
"""
