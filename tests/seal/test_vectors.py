"""The fixed test vectors of docs/envelope-v1.md: made by another program, opened by this one."""

import importlib.util
import io
import json
import uuid
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from amparo import seal
from amparo.seal import boxes, files, items, recovery

HERE = Path(__file__).parent
VECTORS = HERE / "vectors"
PARTS = ("keys", "items", "files", "receipts", "staff", "custody")


def load(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def uid(text: str) -> UUID:
    return uuid.UUID(bytes=bytes.fromhex(text))


def unhashed(nonce_at: bytes) -> bytes:
    return nonce_at[2:26]


@pytest.mark.parametrize("part", PARTS)
def test_the_files_are_what_the_independent_tool_makes(part: str) -> None:
    spec = importlib.util.spec_from_file_location("make_vectors", HERE / "make_vectors.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (VECTORS / f"{part}.json").read_text(encoding="utf-8") == tool.build(part)


def test_the_independent_tool_does_not_use_the_product() -> None:
    source = (HERE / "make_vectors.py").read_text(encoding="utf-8")
    assert "import amparo" not in source and "from amparo" not in source


def test_keys_context_padding() -> None:
    v = load("keys")
    r = v["reporter"]
    assert seal.kex_pair(raw(r["kex_private"])).public == raw(r["kex_public"])
    assert seal.sign_pair(raw(r["sign_private"])).public == raw(r["sign_public"])
    case = seal.case_id_for(raw(r["kex_public"]), raw(r["sign_public"]))
    assert case == uid(v["case"])
    assert seal.fingerprint(raw(v["fingerprint_of"])) == v["fingerprint"]
    c = v["context"]
    assert seal.Context(case, uid(c["item"]), c["kind"], c["epoch"], c["schema"]).aad() == raw(c["aad"])
    for row in v["padding"]:
        assert seal.padded_size(row["size"]) == row["padded"]


def test_items_grants_leases_sheets() -> None:
    v = load("items")
    case, item, staff = uid(v["case"]), uid(v["item"]), uid(v["staff"])
    signers = {("reporter", case): raw(v["reporter_sign_public"]), ("staff", staff): raw(v["staff_sign_public"])}

    def who(kind: str, author: UUID) -> bytes | None:
        return signers.get((kind, author))

    granted = seal.read_grant(
        raw(v["staff_kex_private"]), raw(v["grant"]), case, 2, seal.Grantee("staff", staff), who
    )
    assert granted.proven and granted.author_kind == "reporter"
    assert granted.keys.staff.private == raw(v["channel_staff_private"])
    assert granted.keys.dialogue.private == raw(v["channel_dialogue_private"])
    dialogue = seal.read_dialogue_grant(
        raw(v["reporter_kex_private"]), raw(v["dialogue_grant"]), case, 2, seal.Grantee("reporter", case), who
    )
    assert dialogue.proven and dialogue.keys == granted.keys.dialogue
    ctx = seal.Context(case, item, v["kind"], v["epoch_of_writing"])
    written = seal.open_item(
        granted.keys.staff.private, ctx, v["key_epoch"], raw(v["body"]), raw(v["sealed_key"]), who
    )
    assert (written.payload, written.author_kind, written.author_id) == (raw(v["payload"]), "reporter", case)
    assert written.proven
    unsigned = seal.open_item_with_key(raw(v["data_key"]), ctx, raw(v["unsigned_body"]), who)
    assert unsigned.payload == raw(v["payload"]) and not unsigned.proven
    signers[("delegate", uid(v["delegate"]))] = raw(v["delegate_sign_public"])
    added = seal.open_item_with_key(raw(v["data_key"]), ctx, raw(v["delegate_body"]), who)
    assert (added.author_kind, added.author_id, added.proven) == ("delegate", uid(v["delegate"]), True)
    # and the same bytes are written, given the same nonce
    frame = items.write_frame(ctx.aad(), raw(v["payload"]), seal.Author(
        "reporter", case, seal.sign_pair(raw(load("keys")["reporter"]["sign_private"])).private
    ))
    key = items.body_key(raw(v["data_key"]))
    body = boxes.unsafe_seal_record(key, ctx.aad(), seal.pad(frame), unhashed(raw(v["body"])))
    assert body == raw(v["body"])
    file_ctx = seal.Context(case, item, "file", 1)
    lease = seal.open_lease(raw(v["staff_kex_private"]), raw(v["lease"]), file_ctx, uid(v["worker"]), "examine")
    assert lease == (raw(v["data_key"]), b"extra")
    assert seal.open_to_self(raw(v["staff_kex_private"]), "queue", staff, raw(v["sheet"])) == b"queue sheet"


@pytest.mark.parametrize("number", range(10))
def test_files(number: int) -> None:
    v = load("files")
    f = v["files"][number]
    key, ctx = raw(v["data_key"]), seal.Context(uid(v["case"]), uid(v["item"]), v["kind"], v["epoch"])
    out: list[bytes] = []
    sealer = files.FileSealer(
        key, ctx, out.append, f["chunk"],
        unsafe_alg=f["alg"], unsafe_salt=raw(f["salt"]), unsafe_prefix=raw(f["prefix"]),
    )
    sealer.update(raw(f["content"]))
    facts = sealer.finish()
    assert b"".join(out) == raw(f["sealed"])
    assert facts == seal.FileFacts(
        f["size"], f["sealed_size"], raw(f["sha256"]), raw(f["sealed_sha256"]), f["chunk"]
    )
    opened = seal.FileOpener(key, ctx, io.BytesIO(raw(f["sealed"])), f["sealed_size"])
    assert opened.read() == raw(f["content"])


@pytest.mark.parametrize("number", range(4))
def test_receipts(number: int) -> None:
    v = load("receipts")
    r = v["receipts"][number]
    text = seal.normalise_receipt(r["typed"])
    assert text.canonical == r["canonical"]
    keys = seal.derive_receipt(text.canonical, raw(v["desk_id"]))
    assert (keys.lookup_seed, keys.wrap) == (raw(r["lookup_seed"]), raw(r["wrap"]))
    assert seal.lookup(keys.lookup_seed, raw(v["pepper"])) == raw(r["lookup"])
    reporter = seal.unwrap_reporter(keys.wrap, raw(r["reporter_wrap"]), uid(v["case"]))
    assert (reporter.kex.public, reporter.sign.public) == (raw(v["kex_public"]), raw(v["sign_public"]))
    who, case = uid(v["delegate"]), uid(v["case"])
    delegate = seal.unwrap_delegate(keys.wrap, raw(r["delegate_wrap"]), who, case)
    assert delegate.public == raw(v["delegate_public"])
    named = seal.naming_bytes(who, case, delegate.public)
    assert seal.verify(raw(v["sign_public"]), named, raw(v["naming"]))
    for moved in ((case, case), (who, who)):
        with pytest.raises(seal.Tampered):
            seal.unwrap_delegate(keys.wrap, raw(r["delegate_wrap"]), *moved)


def test_staff() -> None:
    v = load("staff")
    params = seal.KdfParameters(raw(v["salt"]), v["t"], v["m_kib"], v["p"])
    root = seal.derive_staff(v["password"], params)
    assert (root.kek, root.auth) == (raw(v["kek"]), raw(v["auth"]))
    assert seal.derive_staff(v["password_other_spaces"], params) == root
    assert seal.auth_digest(root.auth) == raw(v["auth_digest"])
    staff = uid(v["staff"])
    keys = seal.unwrap_staff(root.kek, raw(v["keys"]), staff)
    assert keys.kex.private == raw(v["kex_private"]) and keys.sign.private == raw(v["sign_private"])
    assert keys.index_key == raw(v["index_key"])
    factor = seal.SecondFactor(raw(v["totp_secret"]), tuple(raw(h) for h in v["code_hashes"]))
    assert seal.open_second_factor(keys, raw(v["second_factor"]), staff) == factor
    assert seal.open_second_factor(root.kek, raw(v["second_factor_kek"]), staff) == factor
    assert seal.recovery_code_hash(v["recovery_code"]) == raw(v["recovery_code_hash"])
    for at, code in v["totp"]:
        assert seal.totp_code(factor.secret, at) == code
        assert seal.totp_step(factor.secret, code, at) == at // 30
    assert seal.session_id(v["cookie"]) == raw(v["session_id"])
    assert seal.open_session(v["cookie"], raw(v["session"])) == raw(v["session_plain"])
    entry = seal.DirectoryEntry(staff, v["pseudonym"], v["role"], keys.kex.public, keys.sign.public)
    assert seal.verify_entry(raw(v["lead_sign_public"]), entry, raw(v["directory_signature"]))
    worker = seal.WorkerKeys(uid(v["worker"]), keys.kex, keys.sign)
    assert seal.worker_mac(raw(v["site_secret"]), worker) == raw(v["worker_mac"])
    assert seal.worker_mac(raw(v["site_secret"]), worker.card()) == raw(v["worker_mac"])


def test_custody_blind_index_and_recovery() -> None:
    v = load("custody")
    assert seal.commit(raw(v["salt"]), raw(v["sha256"])) == raw(v["commitment"])
    full = seal.CustodyEntry(
        "sealed", uid(v["case"]), uid(v["item"]), "reporter", None, 1790000000, raw(v["sealed_sha256"]),
        raw(v["commitment"]), ("file",),
    )
    bare = seal.CustodyEntry("desk.founded", None, None, "staff", uid(v["staff"]), 1790000001)
    assert full.encode() == raw(v["entry"]) and seal.CustodyEntry.decode(raw(v["entry"])) == full
    assert bare.encode() == raw(v["bare_entry"]) and seal.CustodyEntry.decode(raw(v["bare_entry"])) == bare
    log = seal.MerkleLog(seal.MemoryStore())
    log.append_many(raw(leaf) for leaf in v["leaves"])
    assert [log.root(n) for n in range(len(v["leaves"]) + 1)] == [raw(r) for r in v["roots"]]
    for row in v["blind"]:
        assert seal.normalise_identifier(row["kind"], row["value"]) == row["normal"]
        assert seal.blind_index(raw(v["index_key"]), row["kind"], row["value"]) == raw(row["index"])
    pieces = recovery.split_key(raw(v["recovery_private"]), *(raw(p) for p in v["recovery_pieces"][:2]))
    assert list(pieces) == [raw(p) for p in v["recovery_pieces"]]
    texts = [
        recovery.share_text(raw(v["recovery_set"]), hand, raw(v["recovery_public"]), pieces) for hand in (1, 2, 3)
    ]
    assert texts == [raw(t) for t in v["recovery_share_texts"]]
