"""Check a phone in the demonstration: a generated phone, sealed in memory, examined behind the same walls.

The way of every exam (sealed file, one key, a child without network), without a case around it.
"""

import os
from uuid import uuid4

import msgspec

from amparo import seal
from amparo.desk import demo_evidence, examining, sandbox


class Checked(msgspec.Struct, frozen=True):
    """One exam as the page shows it."""

    name: str
    outcome: sandbox.Outcome
    summary: str
    walls: str


def check(name: str) -> Checked:
    """Examine one of demo_evidence.PHONES. Errors: KeyError for another name."""
    made = demo_evidence.make(name) if name in demo_evidence.PHONES else None
    if made is None:
        raise KeyError(name)
    key, case, item = seal.new_data_key(), uuid4(), uuid4()
    context = seal.Context(case, item, "file", 1)
    body = seal.seal_item_with_key(key, context, msgspec.msgpack.encode({"name": made.name}), seal.UNSIGNED)
    sealed = os.memfd_create("demo-phone", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(sealed), "wb") as out:
            sealer = seal.FileSealer(key, context, out.write)
            sealer.update(made.data)
            facts = sealer.finish()
        reading = os.open(f"/proc/self/fd/{sealed}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(sealed)
    order = sandbox.Order(
        key=key, case=case, item=item, kind="file", epoch=1, schema=1, body=body, sealed_size=facts.sealed_size,
        options={"device_consent": True, "knowledge": examining.knowledge_folders()},
    )
    try:
        outcome = sandbox.run(
            sandbox.EXAMINE, order, blob=reading, limits=sandbox.Limits.for_size(facts.size),
            readable=examining.knowledge_folders(),
        )
    finally:
        os.close(reading)
    said = outcome.ended.says if outcome.ended else sandbox.WHY.get(outcome.code, "")
    return Checked(made.name, outcome, said, sandbox.capabilities().says)
