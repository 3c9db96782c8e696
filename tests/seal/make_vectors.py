"""Makes tests/seal/vectors/*.json in a straight line from docs/envelope-v1.md, without importing amparo.

Other implementations than the product's wherever there is one: HKDF and HPKE are written out here over
hashlib, hmac and libsodium (the product uses the cryptography package), AES-GCM, ChaCha20-Poly1305, Ed25519
and the receipt's Argon2id come from libsodium (the product: OpenSSL and the reference Argon2), the staff
Argon2id with four lanes from OpenSSL (libsodium has one lane only). XChaCha20-Poly1305 is libsodium in both.
Run it with the folder to write to; it writes the same bytes every time.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

import nacl.bindings as sodium
import nacl.pwhash
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from nacl.signing import SigningKey


def fixed(name: str, size: int = 32) -> bytes:
    """'Random' bytes that are the same every time."""
    return hashlib.shake_256(b"amparo test vector " + name.encode()).digest(size)


def canonical(label: str, *parts: bytes) -> bytes:
    values = [b"amparo/v1/" + label.encode(), *parts]
    return len(parts).to_bytes(2, "big") + b"".join(len(v).to_bytes(4, "big") + v for v in values)


def u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def extract(salt: bytes, key: bytes) -> bytes:
    return hmac.new(salt or bytes(32), key, hashlib.sha256).digest()


def expand(prk: bytes, info: bytes, size: int) -> bytes:
    out, block, number = b"", b"", 1
    while len(out) < size:
        block = hmac.new(prk, block + info + bytes([number]), hashlib.sha256).digest()
        out, number = out + block, number + 1
    return out[:size]


def hkdf(key: bytes, info: bytes, salt: bytes = b"") -> bytes:
    return expand(extract(salt, key), info, 32)


def hpke_seal(public: bytes, info: bytes, plaintext: bytes, ephemeral: bytes) -> bytes:
    """RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20Poly1305 0x0003."""
    enc = sodium.crypto_scalarmult_base(ephemeral)
    shared = sodium.crypto_scalarmult(ephemeral, public)
    kem = b"KEM" + (0x0020).to_bytes(2, "big")
    prk = extract(b"", b"HPKE-v1" + kem + b"eae_prk" + shared)
    secret = expand(prk, (32).to_bytes(2, "big") + b"HPKE-v1" + kem + b"shared_secret" + enc + public, 32)
    suite = b"HPKE" + b"\x00\x20" + b"\x00\x01" + b"\x00\x03"
    psk_id_hash = extract(b"", b"HPKE-v1" + suite + b"psk_id_hash")
    info_hash = extract(b"", b"HPKE-v1" + suite + b"info_hash" + info)
    context = b"\x00" + psk_id_hash + info_hash
    prk = extract(secret, b"HPKE-v1" + suite + b"secret")
    key = expand(prk, (32).to_bytes(2, "big") + b"HPKE-v1" + suite + b"key" + context, 32)
    nonce = expand(prk, (12).to_bytes(2, "big") + b"HPKE-v1" + suite + b"base_nonce" + context, 12)
    return enc + sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, b"", nonce, key)


def envelope(public: bytes, info: bytes, plaintext: bytes, ephemeral: bytes) -> bytes:
    return b"\x01" + hpke_seal(public, info, plaintext, ephemeral)


def record(key: bytes, aad: bytes, plaintext: bytes, nonce: bytes) -> bytes:
    head = b"\x01\x01"
    return head + nonce + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, head + aad, nonce, key)


def padded(data: bytes) -> bytes:
    need = len(data) + 1
    if need <= 256:
        return data + b"\x80" + bytes(256 - need)
    e = need.bit_length() - 1
    s = e.bit_length()
    step = 2 ** (e - s)
    size = (need + step - 1) // step * step
    return data + b"\x80" + bytes(size - need)


def x25519(private: bytes) -> bytes:
    return sodium.crypto_scalarmult_base(private)


def ed25519(seed: bytes) -> bytes:
    return SigningKey(seed).verify_key.encode()


def signed(seed: bytes, message: bytes) -> bytes:
    return SigningKey(seed).sign(message).signature


def frame(aad: bytes, kind: str, author: bytes, seed: bytes, payload: bytes) -> bytes:
    number = {"reporter": 1, "staff": 2, "worker": 3, "delegate": 4}[kind]
    signature = signed(seed, canonical("writing", aad, kind.encode(), author, payload))
    return b"\x01" + bytes([number]) + author + signature + payload


CASE_KEX, CASE_SIGN = fixed("reporter kex"), fixed("reporter sign")
CASE = hashlib.sha256(canonical("case", x25519(CASE_KEX), ed25519(CASE_SIGN))).digest()[:16]
ITEM, STAFF, WORKER = fixed("item", 16), fixed("staff id", 16), fixed("worker id", 16)
DELEGATE = fixed("delegate id", 16)
STAFF_KEX, STAFF_SIGN = fixed("staff kex"), fixed("staff sign")
CHANNEL_STAFF, CHANNEL_DIALOGUE = fixed("channel staff"), fixed("channel dialogue")
DATA_KEY = fixed("data key")


def context(kind: str, epoch: int, schema: int = 1) -> bytes:
    return canonical("context", CASE, ITEM, kind.encode(), u64(epoch), u64(schema))


def keys() -> dict:
    public = x25519(STAFF_KEX)
    digest = (
        hashlib.sha256(canonical("fingerprint", public)).digest()
        + hashlib.sha256(canonical("fingerprint/more", public)).digest()
    )
    groups = [f"{int.from_bytes(digest[n:n + 8], 'big') % 100000:05d}" for n in range(0, 64, 8)]
    return {
        "reporter": {
            "kex_private": CASE_KEX, "kex_public": x25519(CASE_KEX),
            "sign_private": CASE_SIGN, "sign_public": ed25519(CASE_SIGN),
        },
        "case": CASE, "fingerprint_of": public, "fingerprint": " ".join(groups),
        "context": {"item": ITEM, "kind": "answers", "epoch": 3, "schema": 2, "aad": context("answers", 3, 2)},
        "padding": [{"size": n, "padded": len(padded(bytes(n)))} for n in
                    (0, 1, 255, 256, 257, 300, 511, 512, 1000, 4095, 4096, 65535, 1000000)],
    }


def items() -> dict:
    payload = "Llamaron a la puerta. طرقوا الباب.".encode()
    aad = context("answers", 1)
    plain = padded(frame(aad, "reporter", CASE, CASE_SIGN, payload))
    body = record(hkdf(DATA_KEY, canonical("body")), aad, plain, fixed("nonce", 24))
    unsigned = padded(b"\x01\x00" + bytes(16) + bytes(64) + payload)
    by_delegate = padded(frame(aad, "delegate", DELEGATE, fixed("delegate"), payload))
    info = canonical("data-key", CASE, ITEM, b"answers", u64(2))
    grant_info = canonical("grant", CASE, u64(2), b"both", b"staff", STAFF)
    dialogue_info = canonical("grant", CASE, u64(2), b"dialogue", b"reporter", CASE)
    both = frame(grant_info, "reporter", CASE, CASE_SIGN, CHANNEL_STAFF + CHANNEL_DIALOGUE)
    dialogue = frame(dialogue_info, "staff", STAFF, STAFF_SIGN, CHANNEL_DIALOGUE)
    lease_info = canonical("lease", WORKER, b"examine", context("file", 1))
    sheet = padded(b"queue sheet")
    return {
        "case": CASE, "item": ITEM, "staff": STAFF, "worker": WORKER, "data_key": DATA_KEY,
        "reporter_sign_public": ed25519(CASE_SIGN), "staff_sign_public": ed25519(STAFF_SIGN),
        "reporter_kex_private": CASE_KEX, "staff_kex_private": STAFF_KEX,
        "channel_staff_private": CHANNEL_STAFF, "channel_dialogue_private": CHANNEL_DIALOGUE,
        "kind": "answers", "epoch_of_writing": 1, "key_epoch": 2, "payload": payload, "body": body,
        "delegate": DELEGATE, "delegate_sign_public": ed25519(fixed("delegate")),
        "delegate_body": record(hkdf(DATA_KEY, canonical("body")), aad, by_delegate, fixed("nonce 3", 24)),
        "unsigned_body": record(hkdf(DATA_KEY, canonical("body")), aad, unsigned, fixed("nonce 2", 24)),
        "sealed_key": envelope(x25519(CHANNEL_STAFF), info, DATA_KEY, fixed("eph 1")),
        "grant": envelope(x25519(STAFF_KEX), grant_info, both, fixed("eph 2")),
        "dialogue_grant": envelope(x25519(CASE_KEX), dialogue_info, dialogue, fixed("eph 3")),
        "lease": envelope(x25519(STAFF_KEX), lease_info, DATA_KEY + b"extra", fixed("eph 4")),
        "sheet": envelope(x25519(STAFF_KEX), canonical("sheet", b"queue", STAFF), sheet, fixed("eph 5")),
    }


def one_file(alg: int, size: int) -> dict:
    chunk, salt, prefix = 4096, fixed(f"salt {alg} {size}"), fixed(f"prefix {alg} {size}", 7)
    plain = fixed(f"content {size}", size)
    head = b"AMPF\x01" + bytes([alg, 12]) + CASE + ITEM + u64(1) + salt + prefix
    key = hkdf(DATA_KEY, canonical("file", head, context("file", 1)), salt)
    seal = sodium.crypto_aead_aes256gcm_encrypt if alg == 1 else sodium.crypto_aead_chacha20poly1305_ietf_encrypt
    pieces = [plain[n : n + chunk] for n in range(0, size, chunk)] or [b""]
    out = head
    for number, piece in enumerate(pieces):
        last = b"\x01" if number == len(pieces) - 1 else b"\x00"
        out += seal(piece, b"", prefix + number.to_bytes(4, "big") + last, key)
    # Only hashes of long content and ciphertext: both can be made again from what stands here.
    return {"alg": alg, "size": size, "chunk": chunk, "salt": salt, "prefix": prefix, "sealed_size": len(out),
            "sha256": hashlib.sha256(plain).digest(), "sealed_sha256": hashlib.sha256(out).digest(),
            "content": plain, "sealed": out}


def files() -> dict:
    return {"case": CASE, "item": ITEM, "kind": "file", "epoch": 1, "data_key": DATA_KEY,
            "files": [one_file(alg, size) for alg in (1, 2) for size in (0, 1, 4096, 4097, 9000)]}


def receipts() -> dict:
    desk, pepper = b"a fictional desk", fixed("pepper")
    salt = hashlib.sha256(canonical("receipt-salt", desk)).digest()[:16]
    out = []
    for typed, plain in (
        ("Ábaco zorro - CARTÓN, nación  niñez mes\tola ley jugo",
         "abaco-zorro-carton-nacion-ninez-mes-ola-ley-jugo"),
        ("٠١٢ ٣٤٥ ٦٧٨ ٩٠١ ٢٣٤ ٥٦٧ ٨٩٠ ١٢٣ ٤٥٦ ٧٨٩", "012-345-678-901-234-567-890-123-456-789"),
        ("۰۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶۷۸۹", "012-345-678-901-234-567-890-123-456-789"),
        ("०१२-३४५-६७८-९०१-२३४-५६७-८९०-१२३-४५६-७८९", "012-345-678-901-234-567-890-123-456-789"),
    ):
        root = nacl.pwhash.argon2id.kdf(32, plain.encode(), salt, opslimit=2, memlimit=19 * 1024 * 1024)
        seed, wrap = hkdf(root, canonical("receipt-lookup-seed")), hkdf(root, canonical("receipt-wrap"))
        row = record(wrap, canonical("reporter-wrap", CASE), CASE_KEX + CASE_SIGN, fixed("nonce r", 24))
        out.append({
            "typed": typed, "canonical": plain, "lookup_seed": seed, "wrap": wrap,
            "lookup": hmac.new(pepper, canonical("receipt-lookup", seed), hashlib.sha256).digest(),
            "reporter_wrap": row,
            "delegate_wrap": record(wrap, canonical("delegate-wrap", DELEGATE, CASE), fixed("delegate"),
                                    fixed("nonce d", 24)),
        })
    return {"desk_id": desk, "pepper": pepper, "case": CASE, "kex_public": x25519(CASE_KEX),
            "sign_public": ed25519(CASE_SIGN), "receipts": out,
            "delegate": DELEGATE, "delegate_public": ed25519(fixed("delegate")),
            "naming": signed(CASE_SIGN, canonical("delegate", DELEGATE, CASE, ed25519(fixed("delegate"))))}


def staff() -> dict:
    password, salt = "seis palabras que no van juntas nunca", fixed("staff salt", 16)
    root = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=65536).derive(password.encode())
    kek, auth = hkdf(root, canonical("staff-kek")), hkdf(root, canonical("staff-auth"))
    plain = canonical("staff-keys-plain", STAFF_KEX, STAFF_SIGN, fixed("index key"))
    secret = b"12345678901234567890"  # RFC 6238, appendix B
    factor = canonical("second-factor-plain", secret, fixed("code 1"), fixed("code 2"))
    factor_key = hkdf(STAFF_KEX + STAFF_SIGN, canonical("second-factor-keys"))
    place = canonical("second-factor", STAFF)
    cookie = "Zm9yIGEgdGVzdCBvbmx5LCBuZXZlciBhIHNlc3Npb24"
    identity = hashlib.sha256(canonical("session-id", cookie.encode())).digest()
    session = record(hkdf(cookie.encode(), canonical("session-key")), canonical("session", identity),
                     padded(b"draft"), fixed("nonce s", 24))
    entry = canonical("directory", STAFF, b"Jacaranda", b"handler", x25519(STAFF_KEX), ed25519(STAFF_SIGN))
    return {
        "password": password, "password_other_spaces": password.replace(" ", "\u00a0"), "salt": salt,
        "t": 3, "m_kib": 65536, "p": 4, "kek": kek, "auth": auth,
        "auth_digest": hashlib.sha256(canonical("staff-auth-digest", auth)).digest(),
        "staff": STAFF, "index_key": fixed("index key"), "kex_private": STAFF_KEX, "sign_private": STAFF_SIGN,
        "keys": record(kek, canonical("staff-keys", STAFF), plain, fixed("nonce k", 24)),
        "totp_secret": secret, "code_hashes": [fixed("code 1"), fixed("code 2")],
        # RFC 6238, appendix B, SHA-1, cut to six digits as RFC 4226 section 5.3 says
        "totp": [[59, "287082"], [1111111109, "081804"], [1234567890, "005924"], [2000000000, "279037"]],
        "second_factor": record(factor_key, place, padded(factor), fixed("nonce f", 24)),
        "second_factor_kek": record(hkdf(kek, canonical("second-factor-kek")), place, padded(factor),
                                    fixed("nonce g", 24)),
        "recovery_code": "ABCD efgh-jkmn pqrs",
        "recovery_code_hash": hashlib.sha256(canonical("recovery-code", b"abcdefghjkmnpqrs")).digest(),
        "cookie": cookie, "session_id": identity, "session": session, "session_plain": b"draft",
        "pseudonym": "Jacaranda", "role": "handler", "lead_sign_public": ed25519(fixed("lead")),
        "directory_signature": signed(fixed("lead"), entry),
        "site_secret": fixed("site"), "worker": WORKER,
        "worker_mac": hmac.new(
            fixed("site"), canonical("worker", WORKER, x25519(STAFF_KEX), ed25519(STAFF_SIGN)), hashlib.sha256
        ).digest(),
    }


def log_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + log_hash(leaves[:k]) + log_hash(leaves[k:])).digest()


def custody() -> dict:
    salt, digest, sealed = fixed("commit salt"), fixed("plain digest"), fixed("sealed digest")
    commitment = hmac.new(salt, canonical("commitment", digest), hashlib.sha256).digest()
    full = canonical("custody-entry", b"sealed", CASE, ITEM, b"reporter", b"", u64(1790000000), sealed, commitment,
                     b"file")
    bare = canonical("custody-entry", b"desk.founded", b"", b"", b"staff", STAFF, u64(1790000001), b"", b"")
    leaves = [full, bare, *(b"leaf %d" % n for n in range(5))]
    index_key = fixed("index key")
    blind = [
        ("phone", "+999 (0) 12 34-567", "9991234567"), ("phone", "٠٠٩٩٩١٢٣٤", "9991234"),
        ("email", "Ana.Q+tag@Exämple.QX", "ana.q+tag@xn--exmple-cua.qx"), ("handle", "@Ana_QX", "ana_qx"),
        ("domain", "Evil[.]Example.QX.", "evil.example.qx"), ("hash", "AB" * 32, "ab" * 32),
        ("url", "hxxps://User@Evil.QX:443/A?b=C#d", "https://evil.qx/A?b=C"),
    ]
    pieces = [fixed("piece 1"), fixed("piece 2")]
    private = fixed("recovery")
    pieces.append(bytes(a ^ b ^ c for a, b, c in zip(private, *pieces, strict=True)))
    shares = [
        canonical("recovery-share", fixed("set", 16), u64(hand), x25519(private),
                  *(piece for number, piece in enumerate(pieces, 1) if number != hand))
        for hand in (1, 2, 3)
    ]
    return {
        "salt": salt, "sha256": digest, "commitment": commitment, "sealed_sha256": sealed, "case": CASE,
        "item": ITEM, "staff": STAFF, "entry": full, "bare_entry": bare, "leaves": leaves,
        "roots": [log_hash(leaves[:n]) for n in range(len(leaves) + 1)], "index_key": index_key,
        "blind": [
            {"kind": kind, "value": value, "normal": normal, "index": hmac.new(
                index_key, canonical("blind-index", kind.encode(), normal.encode()), hashlib.sha256
            ).digest()[:16]} for kind, value, normal in blind
        ],
        "recovery_private": private, "recovery_public": x25519(private), "recovery_pieces": pieces,
        "recovery_set": fixed("set", 16), "recovery_share_texts": shares,
    }


PARTS = {"keys": keys, "items": items, "files": files, "receipts": receipts, "staff": staff, "custody": custody}


def plain(value: object) -> object:
    """As JSON: bytes in hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def build(part: str) -> str:
    """The text of one vector file."""
    return json.dumps(plain(PARTS[part]()), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in PARTS:
        (Path(sys.argv[1]) / f"{name}.json").write_text(build(name), encoding="utf-8")
