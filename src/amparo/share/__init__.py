"""Share: what comes from other people's tables, and what goes out to people who have no Amparo.

Enters: rows and a mapping that a person confirmed, or an opened case as values. Leaves: drafts of reports with what no
field took, and named documents in open formats. It must never know: a key, a database, the network, the clock; and it
never decides in silence: what fits no field is kept and said, what may be read in two ways is a problem of that row.
"""
