"""The journeys in real browsers without scripts, and each page through axe (`python3 run.py access`).

The address of a freshly started demo enters; a table of pages and what is wrong with them leaves, with pictures in
shots/. It must never know more than a visitor: no import of the desk, no look into its database.
"""
