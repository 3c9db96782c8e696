"""Grounds of the attack (why somebody was attacked), kept apart from what a person is.

Several, optional, sealed, with a consent of their own, never inferred.
"""

from amparo.words.codes import CodeList, load

GROUNDS: CodeList = load("grounds")
