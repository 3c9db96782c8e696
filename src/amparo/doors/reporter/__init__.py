"""The reporter's door: no login, no script, nothing asked that need not be asked.

Enters: what a person under threat types and uploads, one question at a time. Leaves: a draft in the sealed
session, a report sent through the desk, and the receipt that opens the answers. Must never know: who the
person is, where they connect from, or what they wrote once the page is gone.
"""
