"""Seal: the envelope everything of a case lies in, and the custody log that proves what was done with it.

Enters: plain bytes, public keys, passwords and receipts, from the desk. Leaves: sealed bytes to store, opened
bytes to show, hashes and proofs. It must never know: what the bytes mean, where they are stored, the network,
the clock, the web framework. The byte formats are promised in docs/envelope-v1.md. An example:

>>> from uuid import UUID
>>> from amparo import seal
>>> reporter, channels = seal.new_reporter_keys(), seal.new_channel_keys()
>>> case = seal.case_id_for(reporter.kex.public, reporter.sign.public)
>>> handler = seal.new_staff_keys()
>>> grantee = seal.Grantee("staff", UUID(int=7))
>>> granted = seal.grant(channels, case, 1, grantee, handler.kex.public)
>>> ctx = seal.Context(case, UUID(int=1), "answers", epoch=1)
>>> author = seal.Author("reporter", case, reporter.sign.private)
>>> item = seal.seal_item(channels.staff.public, ctx, 1, b"what happened", author)
>>> opened = seal.open_grant(handler.kex.private, granted, case, 1, grantee)
>>> def signers(kind, who):
...     return reporter.sign.public if (kind, who) == ("reporter", case) else None
>>> written = seal.open_item(opened.staff.private, ctx, 1, item.body, item.sealed_key, signers)
>>> written.payload, written.proven
(b'what happened', True)
>>> moved = seal.Context(case, UUID(int=2), "answers", epoch=1)
>>> try:
...     seal.open_item(opened.staff.private, moved, 1, item.body, item.sealed_key, signers)
... except seal.Tampered as refused:
...     print(refused.says)
This sealed piece was altered, moved, or sealed for something else.
"""

from amparo.seal.blind import NotAnIdentifier, blind_index, normalise_identifier
from amparo.seal.cards import CardReader, CardRefused, DeskCard, read_card, sign_card
from amparo.seal.carrier import (
    CarrierOpener,
    CarrierSealer,
    NotCarried,
    carried_bytes,
    carrier_public_of,
    not_whole,
    sealed_carried_size,
    sealed_for,
)
from amparo.seal.context import UNSIGNED, Author, Context, Grantee, Verifier, Written
from amparo.seal.custody import CustodyEntry, commit, new_salt
from amparo.seal.delegates import naming_bytes, unwrap_delegate, wrap_delegate
from amparo.seal.directory import DirectoryEntry, sign_entry, verify_entry
from amparo.seal.epochs import epoch_bytes, reader_bytes
from amparo.seal.errors import Busy, NotAllowed, SealError, Tampered, WrongReceipt
from amparo.seal.factor import (
    SecondFactor,
    new_recovery_codes,
    new_totp_secret,
    open_second_factor,
    recovery_code_hash,
    seal_second_factor,
    totp_code,
    totp_step,
    totp_text,
    totp_uri,
    use_recovery_code,
)
from amparo.seal.fileformat import sealed_size_of
from amparo.seal.files import FileFacts, FileSealer
from amparo.seal.gate import kdf_gate
from amparo.seal.grants import (
    Granted,
    GrantedDialogue,
    grant,
    grant_dialogue,
    open_dialogue_grant,
    open_grant,
    read_dialogue_grant,
    read_grant,
)
from amparo.seal.handouts import check_handout, sign_handout
from amparo.seal.items import (
    SealedItem,
    new_data_key,
    open_data_key,
    open_item,
    open_item_with_key,
    seal_data_key,
    seal_item,
    seal_item_with_key,
)
from amparo.seal.keys import (
    ChannelKeys,
    KeyPair,
    ReporterKeys,
    case_id_for,
    fingerprint,
    kex_pair,
    new_channel_keys,
    new_kex_pair,
    new_reporter_keys,
    new_sign_pair,
    sign,
    sign_pair,
    verify,
)
from amparo.seal.leases import WorkerCard, WorkerKeys, new_worker_keys, open_lease, seal_lease, worker_mac
from amparo.seal.leaving import (
    Interrupted,
    NotARecipient,
    check_recipient,
    encrypted,
    new_age_key,
    to_passphrase,
)
from amparo.seal.letters import open_letter, seal_letter
from amparo.seal.merkle import (
    LogStore,
    MemoryStore,
    MerkleLog,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from amparo.seal.opener import FileOpener
from amparo.seal.padding import pad, padded_size, unpad
from amparo.seal.protocols import open_protocol, seal_protocol
from amparo.seal.receipts import (
    ReceiptKeys,
    ReceiptText,
    derive_receipt,
    dummy_open,
    lookup,
    new_receipt,
    normalise_receipt,
    unwrap_reporter,
    wrap_reporter,
)
from amparo.seal.recovery import Recovery, RecoveryRefused, join_recovery, new_recovery
from amparo.seal.security_keys import (
    MOST_KEYS,
    KeyCopied,
    KeyRefused,
    Place,
    SecurityKey,
    check_key,
    creation_options,
    new_challenge,
    new_key,
    request_options,
)
from amparo.seal.sessions import new_cookie, open_session, seal_session, session_id
from amparo.seal.sheets import open_to_self, seal_to_self
from amparo.seal.staff import (
    KdfParameters,
    StaffKeys,
    StaffRoot,
    WeakPassword,
    auth_digest,
    check_password_strength,
    derive_staff,
    new_kdf,
    new_staff_keys,
    unwrap_staff,
    wrap_staff,
)

__all__ = [
    "Author",
    "CardReader",
    "CardRefused",
    "CarrierOpener",
    "CarrierSealer",
    "Busy",
    "ChannelKeys",
    "Context",
    "CustodyEntry",
    "DeskCard",
    "DirectoryEntry",
    "FileFacts",
    "FileOpener",
    "FileSealer",
    "Granted",
    "GrantedDialogue",
    "Grantee",
    "Interrupted",
    "KdfParameters",
    "KeyPair",
    "LogStore",
    "MemoryStore",
    "MerkleLog",
    "NotARecipient",
    "NotAllowed",
    "NotAnIdentifier",
    "NotCarried",
    "ReceiptKeys",
    "ReceiptText",
    "Recovery",
    "RecoveryRefused",
    "ReporterKeys",
    "SealError",
    "SealedItem",
    "SecondFactor",
    "StaffKeys",
    "StaffRoot",
    "Tampered",
    "UNSIGNED",
    "Verifier",
    "WeakPassword",
    "WorkerCard",
    "WorkerKeys",
    "Written",
    "WrongReceipt",
    "auth_digest",
    "blind_index",
    "carried_bytes",
    "carrier_public_of",
    "case_id_for",
    "check_password_strength",
    "check_recipient",
    "commit",
    "derive_receipt",
    "derive_staff",
    "dummy_open",
    "encrypted",
    "epoch_bytes",
    "fingerprint",
    "grant",
    "grant_dialogue",
    "join_recovery",
    "kdf_gate",
    "kex_pair",
    "leaf_hash",
    "lookup",
    "naming_bytes",
    "new_age_key",
    "new_channel_keys",
    "new_cookie",
    "new_data_key",
    "new_kdf",
    "new_kex_pair",
    "new_receipt",
    "new_recovery",
    "new_recovery_codes",
    "new_reporter_keys",
    "new_salt",
    "new_sign_pair",
    "new_staff_keys",
    "new_totp_secret",
    "new_worker_keys",
    "node_hash",
    "normalise_identifier",
    "normalise_receipt",
    "not_whole",
    "open_data_key",
    "open_dialogue_grant",
    "open_grant",
    "open_item",
    "open_item_with_key",
    "open_lease",
    "open_letter",
    "open_protocol",
    "open_second_factor",
    "open_session",
    "open_to_self",
    "pad",
    "padded_size",
    "read_card",
    "read_dialogue_grant",
    "read_grant",
    "reader_bytes",
    "recovery_code_hash",
    "seal_data_key",
    "seal_item",
    "seal_item_with_key",
    "seal_lease",
    "seal_letter",
    "seal_protocol",
    "seal_second_factor",
    "seal_session",
    "seal_to_self",
    "sealed_carried_size",
    "sealed_for",
    "sealed_size_of",
    "session_id",
    "sign",
    "sign_card",
    "sign_entry",
    "sign_handout",
    "sign_pair",
    "totp_code",
    "totp_step",
    "totp_text",
    "totp_uri",
    "to_passphrase",
    "unpad",
    "unwrap_delegate",
    "unwrap_reporter",
    "unwrap_staff",
    "use_recovery_code",
    "verify",
    "verify_consistency",
    "verify_entry",
    "verify_inclusion",
    "worker_mac",
    "wrap_delegate",
    "wrap_reporter",
    "wrap_staff",
    "MOST_KEYS",
    "KeyCopied",
    "KeyRefused",
    "Place",
    "SecurityKey",
    "check_handout",
    "check_key",
    "creation_options",
    "new_challenge",
    "new_key",
    "request_options",
]
