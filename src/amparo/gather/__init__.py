"""Gather: what people have, read as it is: chat exports, mailboxes, sheets.

Enters: a readable file and what is known of it. Leaves: messages and rows, each with its origin (file, line, row),
and what was not understood, named. It must never know: a case, a key, the network, the clock, the web framework; and
it never guesses in silence: two ways to read a date are two ways until a person chose.
"""

from amparo.gather.conversations import Reading, merge, read
from amparo.gather.limits import NotGathered
from amparo.gather.recognising import recognise

__all__ = ["NotGathered", "Reading", "merge", "read", "recognise"]
