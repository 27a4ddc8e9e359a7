#!/usr/bin/env python3
"""Verifies Countersign receipts and log exports offline. Python 3.8 or later, nothing else.

    verify.py --trust TRUST.json [--json] FILE...        receipt bundles
    verify.py --trust TRUST.json [--json] --log FILE...  log exports
    verify.py --trust TRUST.json [--json] --pack FILE... the evidence of runs

Shares no code with the TypeScript verifier: its own JSON reader, canonical form (RFC 8785), Ed25519 (RFC 8032),
Merkle proofs (RFC 6962), signed notes and checkpoints (C2SP). Believes only the keys in TRUST.json.
Exit: 0 all hold, 1 something does not hold, 2 the call or the trust file cannot be used.
"""
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys

ENTRY_KINDS = set("""submitted refused held approved glass denied asked replied ready intent outcome unknown settled reversed released
writer applied activated credential login stopped lifted reviewed waived granted rotated read secret alert advisory
proposed erased preserved restored canary escalated notice""".split())
MOVES = {
    "received": {"held", "ready", "running", "refused", "failed"},
    "held": {"held", "ready", "refused"},
    "ready": {"held", "running", "refused", "failed"},
    "running": {"done", "failed", "unknown"},
    "unknown": {"done", "failed", "unknown"},
    "done": {"reversed"},
    "failed": set(),
    "refused": set(),
    "reversed": set(),
}
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
RECEIPT_TYPE = "https://countersign.dev/receipt/v1"
LOG_TYPE = "https://countersign.dev/log/v1"
PACK_TYPE = "https://countersign.dev/pack/v1"
MAX_BYTES = 64 * 1024 * 1024
# A line of a pack holds a receipt and a bundle, as text.
MAX_LINE_BYTES = 192 * 1024 * 1024
MAX_DEPTH = 80
MAX_LINE_DEPTH = 88
SAFE = 2**53 - 1


class Flaw(Exception):
    def __init__(self, code, at, sentence):
        super().__init__(sentence)
        self.code, self.at, self.sentence = code, at, sentence

    def found(self):
        return {"code": self.code, "at": self.at, "sentence": self.sentence}


# --- JSON: a strict reader and the canonical form ---------------------------------------------------------------------

SPACE = re.compile(r"[ \t\n\r]*")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
HEX4 = re.compile(r"[0-9a-fA-F]{4}")


class Reader:
    def __init__(self, text, at, depth=MAX_DEPTH):
        self.text, self.at, self.depth, self.pos = text, at, depth, 0

    def fail(self, why):
        raise Flaw("json", self.at, "%s (character %d)" % (why, self.pos))

    def skip(self):
        self.pos = SPACE.match(self.text, self.pos).end()

    def peek(self):
        return self.text[self.pos] if self.pos < len(self.text) else ""

    def whole(self):
        self.skip()
        value = self.value(self.depth)
        self.skip()
        if self.pos != len(self.text):
            self.fail("there is text after the value")
        return value

    def value(self, levels):
        char = self.peek()
        if char == '"':
            return self.string()
        if char in ("{", "["):
            if levels == 0:
                self.fail("the value is nested too deeply")
            return self.members(levels - 1) if char == "{" else self.items(levels - 1)
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.pos):
                self.pos += len(word)
                return value
        return self.number()

    def members(self, levels):
        members = {}
        self.pos += 1
        self.skip()
        if self.peek() == "}":
            self.pos += 1
            return members
        while True:
            if self.peek() != '"':
                self.fail("a member's name must be a string")
            name = self.string()
            if name in members:
                self.fail("the same name appears twice in one object")
            self.skip()
            if self.peek() != ":":
                self.fail("a colon must follow a member's name")
            self.pos += 1
            self.skip()
            members[name] = self.value(levels)
            self.skip()
            char = self.peek()
            if char not in (",", "}"):
                self.fail("a comma or a closing brace must follow a member")
            self.pos += 1
            if char == "}":
                return members
            self.skip()

    def items(self, levels):
        items = []
        self.pos += 1
        self.skip()
        if self.peek() == "]":
            self.pos += 1
            return items
        while True:
            items.append(self.value(levels))
            self.skip()
            char = self.peek()
            if char not in (",", "]"):
                self.fail("a comma or a closing bracket must follow an item")
            self.pos += 1
            if char == "]":
                return items
            self.skip()

    def string(self):
        parts = []
        self.pos += 1
        while True:
            match = PLAIN.match(self.text, self.pos)
            parts.append(match.group())
            self.pos = match.end()
            char = self.peek()
            self.pos += 1
            if char == '"':
                break
            if char != "\\":
                self.fail("a string is not closed or holds a control character")
            escape = self.peek()
            self.pos += 1
            if escape in ESCAPES and escape:
                parts.append(ESCAPES[escape])
            elif escape == "u" and HEX4.match(self.text, self.pos):
                parts.append(chr(int(self.text[self.pos : self.pos + 4], 16)))
                self.pos += 4
            else:
                self.fail("a string holds an unknown escape")
        text = "".join(parts)
        try:
            # Joins escaped pairs and refuses half ones.
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            return self.fail("a string holds half of a surrogate pair")

    def number(self):
        match = NUMBER.match(self.text, self.pos)
        if match is None:
            self.fail("a value should be here")
        literal = match.group()
        # So many digits overflow a double; int() of them would only cost time.
        if len(literal) > 400 and match.group(1) is None and match.group(2) is None:
            self.fail("the number is too large")
        value = float(literal)
        if value in (float("inf"), float("-inf")):
            self.fail("the number is too large")
        if match.group(1) is None and match.group(2) is None:
            whole = int(literal)
            if abs(whole) > SAFE and int(value) != whole and number_text(value) != literal:
                self.fail("the integer is beyond 2^53 and would be altered")
        self.pos = match.end()
        return value


def number_text(value):
    """Number::toString of ECMA-262, which RFC 8785 takes over."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = digits.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    lead = len(digits) - len(digits.lstrip("0"))
    digits, point = digits[lead:].rstrip("0"), point - lead
    k = len(digits)
    if k <= point <= 21:
        return sign + digits + "0" * (point - k)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    return "%s%s%se%s%d" % (sign, digits[0], "." + digits[1:] if k > 1 else "", "+" if power > 0 else "-", abs(power))


def quote(text):
    out = ['"']
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char < " ":
            short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
            out.append(short.get(char) or "\\u%04x" % ord(char))
        else:
            out.append(char)
    out.append('"')
    return "".join(out)


def canonical(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(quote(name) + ":" + canonical(value[name]) for name in names) + "}"


def read_document(data, at):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Flaw("json", at, "the bytes are not UTF-8")
    if len(data) > MAX_BYTES:
        raise Flaw("json", at, "the text is too large")
    value = Reader(text, at).whole()
    if canonical(value) != text:
        raise Flaw("canonical", at, "the text is not in its canonical form: something was added, moved or respelt")
    return value


# --- shapes -----------------------------------------------------------------------------------------------------------


def members(value, at, required, optional=()):
    if not isinstance(value, dict):
        raise Flaw("shape", at, "an object should be here")
    for name in required:
        if name not in value:
            raise Flaw("shape", at, "the member `%s` is missing" % name)
    for name in value:
        if name not in required and name not in optional:
            raise Flaw("shape", at, "the member `%s` is not known" % name)
    return value


def listed(value, at):
    if not isinstance(value, list):
        raise Flaw("shape", at, "a list should be here")
    return value


def string(value, at, form=None):
    if not isinstance(value, str):
        raise Flaw("shape", at, "a string should be here")
    if form is not None and not re.fullmatch(form, value):
        raise Flaw("shape", at, "the string has not the form it should have")
    return value


def count(value, at):
    if not isinstance(value, float) or not value.is_integer() or value < 0 or value > SAFE:
        raise Flaw("shape", at, "a whole number from 0 should be here")
    return int(value)


def unbase64(text):
    """The bytes, or None unless the text is the one canonical spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def b64(data):
    return base64.b64encode(data).decode()


def base64_at(value, at, length=None):
    data = unbase64(string(value, at))
    if data is None or (length is not None and len(data) != length):
        raise Flaw("base64", at, "base64 of the right length should be here")
    return data


ID = r"[!-~]{1,128}"
KEY_NAME = r"[!-*,-~]{1,128}"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
LEAF_NAMES = ("v", "writer", "seq", "prev", "at", "kind", "subject", "step", "from", "to", "commit")
LEAF_EXTRAS = ("agent", "workflow", "person", "tool", "run")


def read_leaf(value, at):
    leaf = dict(members(value, at, LEAF_NAMES, LEAF_EXTRAS))
    if leaf["v"] != 1.0 or leaf["v"] is True:
        raise Flaw("shape", at + "/v", "only version 1 of an entry is known")
    base64_at(leaf["prev"], at + "/prev", 32)
    base64_at(leaf["commit"], at + "/commit", 32)
    for name in LEAF_EXTRAS:
        if name in leaf:
            string(leaf[name], at + "/" + name)
    string(leaf["writer"], at + "/writer", ID)
    leaf["seq"] = count(leaf["seq"], at + "/seq")
    string(leaf["at"], at + "/at", TIME)
    if not isinstance(leaf["kind"], str) or leaf["kind"] not in ENTRY_KINDS:
        raise Flaw("shape", at + "/kind", "the kind of entry is not known")
    string(leaf["subject"], at + "/subject", ID)
    leaf["step"] = count(leaf["step"], at + "/step")
    for name in ("from", "to"):
        if leaf[name] is not None and (not isinstance(leaf[name], str) or leaf[name] not in MOVES):
            raise Flaw("shape", at + "/" + name, "the state is not known")
    return leaf


def flaw_of_step(before, leaf, at):
    expected = 0 if before is None else before["step"] + 1
    if leaf["step"] != expected:
        return Flaw("step", at, "step %d of `%s` is missing" % (expected, leaf["subject"]))
    start, end = leaf["from"], leaf["to"]
    begins = start in (None, "received") if before is None else start == before["to"]
    if start is None:
        legal = end is None or (end == "received" and before is None)
    else:
        legal = end in MOVES[start]
    if begins and legal:
        return None
    return Flaw("move", at, "step %d of `%s` is not a legal move: `%s` to `%s`" % (expected, leaf["subject"], start, end))


# --- Ed25519 (RFC 8032 section 5.1) -----------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            total = point_add(total, point)
        point = point_add(point, point)
        scalar >>= 1
    return total


def point_decode(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P != 0:
        x = x * ROOT % P
    if (x * x - xx) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def point_encode(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_holds(public, signature, message):
    if len(public) != 32 or len(signature) != 64:
        return False
    key = point_decode(public)
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    minus = (P - key[0], key[1], 1, P - key[3])
    return point_encode(point_add(point_times(scalar, BASE), point_times(challenge, minus))) == signature[:32]


# --- passkeys: ES256 and RS256 beside Ed25519 (RFC 7518, FIPS 186-5), and what they signed (WebAuthn level 3, 7.2) -----

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
P256_BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def p256_add(p, q):
    """Affine points; None is the point at infinity."""
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % P256 == 0:
            return None
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P256)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P256)
    x = (slope * slope - p[0] - q[0]) % P256
    return x, (slope * (p[0] - x) - p[1]) % P256


def p256_times(scalar, point):
    total = None
    while scalar > 0:
        if scalar & 1:
            total = p256_add(total, point)
        point = p256_add(point, point)
        scalar >>= 1
    return total


def der_numbers(data):
    """The two numbers of an ECDSA signature in DER, or None."""
    if len(data) < 2 or data[0] != 0x30 or data[1] != len(data) - 2:
        return None
    numbers, at = [], 2
    for _ in range(2):
        length = data[at + 1] if at + 1 < len(data) else 0
        digits = data[at + 2:at + 2 + length]
        if data[at:at + 1] != b"\x02" or not 1 <= length <= 33 or len(digits) != length:
            return None
        if length == 33 and digits[0] != 0:
            return None
        numbers.append(int.from_bytes(digits, "big"))
        at += 2 + length
    return numbers if at == len(data) else None


def es256_holds(x, y, signature, message):
    numbers = der_numbers(signature)
    if numbers is None or len(x) != 32 or len(y) != 32:
        return False
    r, s = numbers
    key = (int.from_bytes(x, "big"), int.from_bytes(y, "big"))
    if max(key) >= P256 or (key[1] ** 2 - key[0] ** 3 + 3 * key[0] - P256_B) % P256 != 0:
        return False
    if not (0 < r < P256_ORDER and 0 < s < P256_ORDER):
        return False
    inverse = pow(s, -1, P256_ORDER)
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    point = p256_add(
        p256_times(digest * inverse % P256_ORDER, P256_BASE), p256_times(r * inverse % P256_ORDER, key))
    return point is not None and point[0] % P256_ORDER == r


def rs256_holds(n, e, signature, message):
    if len(signature) != len(n) or len(n) < 256:
        return False
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    tail = b"\x00" + prefix + hashlib.sha256(message).digest()
    wanted = b"\x00\x01" + b"\xff" * (len(n) - len(tail) - 2) + tail
    number = pow(int.from_bytes(signature, "big"), int.from_bytes(e, "big"), int.from_bytes(n, "big"))
    return number.to_bytes(len(n), "big") == wanted


def unbase64url(text):
    """The bytes, or None unless the text is base64url without padding in its one spelling."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return None
    plain = text.replace("-", "+").replace("_", "/")
    return unbase64(plain + "=" * (-len(plain) % 4))


def key_holds(key, signature, message):
    part = {name: unbase64url(key.get(name)) for name in ("x", "y", "n", "e")}
    kind = (key.get("kty"), key.get("alg"), key.get("crv"))
    if kind == ("EC", "ES256", "P-256") and part["x"] and part["y"]:
        return es256_holds(part["x"], part["y"], signature, message)
    if kind == ("OKP", "EdDSA", "Ed25519") and part["x"]:
        return ed25519_holds(part["x"], signature, message)
    if kind[:2] == ("RSA", "RS256") and part["n"] and part["e"]:
        return rs256_holds(part["n"], part["e"], signature, message)
    return False


def passkey_fault(leaf, payload):
    """Why the passkey's signature in an entry is not that of its answer, or None where it is, or where there is none."""
    answer = payload.get("answer") if isinstance(payload, dict) else None
    if not isinstance(answer, dict) or "passkey" not in answer:
        return None
    proof = answer["passkey"]
    unreadable = "the passkey's answer cannot be read"
    names = ("credential", "clientDataJSON", "authenticatorData", "signature", "rpId", "origin", "nonce")
    if not isinstance(proof, dict) or not isinstance(proof.get("publicKey"), dict):
        return unreadable
    texts = [proof.get(name) for name in names] + [answer.get("callDigest"), answer.get("shownDigest")]
    if not all(isinstance(text, str) for text in texts + list(proof["publicKey"].values())):
        return unreadable
    person = leaf.get("person")
    if answer.get("verdict") != "approve" or person is None or answer.get("person") != person:
        return "the passkey signed an approval, and this is none of its person"
    client, authenticator, signature = (
        unbase64url(proof[name]) for name in ("clientDataJSON", "authenticatorData", "signature"))
    if client is None or authenticator is None or signature is None or len(authenticator) < 37:
        return unreadable
    try:
        said = Reader(client.decode("utf-8"), "").whole()
    except (UnicodeDecodeError, Flaw):
        said = None
    if not isinstance(said, dict) or said.get("type") != "webauthn.get":
        return "the passkey's answer is not a signature of an approval"
    # A yes among others is not the yes of somebody who broke the glass, and the other way round.
    verdict = "break-glass" if "breakGlass" in answer else "approve"
    bound = {
        "v": 1.0, "verdict": verdict, "action": leaf["subject"], "callDigest": answer["callDigest"],
        "shownDigest": answer["shownDigest"], "person": person, "nonce": proof["nonce"]}
    digest = hashlib.sha256(canonical(bound).encode()).digest()
    if unbase64url(said.get("challenge")) != digest:
        return "the passkey signed something else than this approval"
    if said.get("origin") != proof["origin"] or said.get("crossOrigin") is True:
        return "the passkey was asked by another site"
    if authenticator[:32] != hashlib.sha256(proof["rpId"].encode()).digest():
        return "the passkey is for another site"
    if not authenticator[32] & 0x01:
        return "nobody touched the passkey"
    if not authenticator[32] & 0x04:
        return "the passkey did not verify who used it"
    if not key_holds(proof["publicKey"], signature, authenticator + hashlib.sha256(client).digest()):
        return "the passkey's signature does not hold"
    return None


# --- Merkle tree (RFC 6962) -------------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def inclusion_holds(index, size, leaf, proof, root):
    if index >= size:
        return False
    fn, sn, value = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = node_hash(sibling, value)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node_hash(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root


def consistency_holds(old, old_root, new, new_root, proof):
    if old > new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == sha256(b"")
    if not proof:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    path = [old_root] + proof if fn == 0 else proof
    a = b = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            a, b = node_hash(sibling, a), node_hash(sibling, b)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            b = node_hash(b, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and a == old_root and b == new_root


class Tree:
    def __init__(self, size=0, subtrees=()):
        self.size, self.subtrees = size, list(subtrees)

    def append(self, value):
        n = self.size
        while n & 1:
            value = node_hash(self.subtrees.pop(), value)
            n >>= 1
        self.subtrees.append(value)
        self.size += 1

    def root(self):
        root = None
        for subtree in reversed(self.subtrees):
            root = subtree if root is None else node_hash(subtree, root)
        return sha256(b"") if root is None else root


# --- keys, notes, checkpoints, trust ----------------------------------------------------------------------------------


class Key:
    def __init__(self, vkey, start, until):
        parts = vkey.split("+", 2)
        data = unbase64(parts[2]) if len(parts) == 3 else None
        if data is None or len(data) != 33 or data[0] != 1 or not re.fullmatch(KEY_NAME, parts[0]):
            raise Flaw("shape", "trust", "a key is not an Ed25519 verifier key")
        self.name, self.id, self.public = parts[0], parts[1], data[1:]
        self.start, self.until = start, until
        if self.id != sha256(self.name.encode() + b"\n\x01" + self.public)[:4].hex():
            raise Flaw("shape", "trust", "a key's hash does not fit its bytes")

    def may_sign(self, size):
        return self.start <= size <= self.until


class Trust:
    def __init__(self, text):
        trust = members(Reader(text, "trust").whole(), "trust", ("origin", "keys"), ("lastCheckpoint",))
        self.origin = string(trust["origin"], "trust/origin")
        self.keys = []
        for item in listed(trust["keys"], "trust/keys"):
            item = members(item, "trust/keys", ("vkey", "from"), ("until",))
            until = count(item["until"], "trust/keys/until") if "until" in item else SAFE
            self.keys.append(Key(string(item["vkey"], "trust/keys/vkey"), count(item["from"], "trust/keys/from"), until))
        if not self.keys or any(key.name != self.origin for key in self.keys):
            raise Flaw("shape", "trust", "the trust file must name at least one key, and each must bear the log's name")
        self.pinned = None
        if "lastCheckpoint" in trust:
            self.pinned = self.open_checkpoint(string(trust["lastCheckpoint"], "trust/lastCheckpoint"))

    def open_checkpoint(self, note):
        text, signatures = parse_note(note)
        signers = []
        for name, key_id, signature in signatures:
            key = next((known for known in self.keys if known.name == name and known.id == key_id), None)
            if key is None:
                continue
            if key in signers or not ed25519_holds(key.public, signature, text.encode()):
                raise Flaw("checkpoint_signature", "checkpoint", "a pinned key's signature on the checkpoint does not hold")
            signers.append(key)
        if not signers:
            raise Flaw("unknown_key", "checkpoint", "no pinned key has signed the checkpoint")
        checkpoint = Checkpoint(text)
        if checkpoint.origin != self.origin:
            raise Flaw("origin", "checkpoint", "the checkpoint is of another log: `%s`" % checkpoint.origin)
        if not any(key.may_sign(checkpoint.size) for key in signers):
            raise Flaw("key_window", "checkpoint", "the key that signed may not sign for a tree of this size")
        return checkpoint


def bad_note():
    return Flaw("note", "checkpoint", "the checkpoint is malformed")


def parse_note(note):
    split = note.rfind("\n\n")
    if re.search(r"[\x00-\x09\x0b-\x1f]", note) or split < 0 or not note.endswith("\n"):
        raise bad_note()
    signatures = []
    for line in note[split + 2 : -1].split("\n"):
        words = line.split(" ")
        data = unbase64(words[2]) if len(words) == 3 else None
        if data is None or len(data) < 5 or words[0] != "\u2014" or not re.fullmatch(KEY_NAME, words[1]):
            raise bad_note()
        signatures.append((words[1], data[:4].hex(), data[4:]))
    if len(signatures) > 16:
        raise bad_note()
    return note[: split + 1], signatures


def number_of(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", text) or int(text) > SAFE:
        raise bad_note()
    return int(text)


def hash_of(text):
    data = unbase64(text)
    if data is None or len(data) != 32:
        raise bad_note()
    return data


class Checkpoint:
    def __init__(self, text):
        lines = text[:-1].split("\n")
        if len(lines) < 3 or not re.fullmatch(KEY_NAME, lines[0]):
            raise bad_note()
        self.origin, self.size, self.root = lines[0], number_of(lines[1]), hash_of(lines[2])
        self.heads, self.closed = {}, (0, bytes(32))
        rest = lines[3:]
        if rest and rest[-1].startswith("closed "):
            words = rest.pop().split(" ")
            if len(words) != 3 or words[1] == "0":
                raise bad_note()
            self.closed = (number_of(words[1]), hash_of(words[2]))
        last = ""
        for line in rest:
            words = line.split(" ")
            if len(words) != 4 or words[0] != "writer" or not re.fullmatch(ID, words[1]) or words[1] <= last:
                raise bad_note()
            last = words[1]
            self.heads[last] = (number_of(words[2]), hash_of(words[3]))


# --- receipt bundles --------------------------------------------------------------------------------------------------


def open_bundle(data, trust):
    envelope = members(read_document(data, "envelope"), "envelope", ("payload", "payloadType", "signatures"))
    if envelope["payloadType"] != PAYLOAD_TYPE:
        raise Flaw("shape", "envelope", "the payload is of another type")
    payload = base64_at(envelope["payload"], "envelope/payload")
    signatures = listed(envelope["signatures"], "envelope/signatures")
    if len(signatures) != 1:
        raise Flaw("shape", "envelope/signatures", "there must be one signature")
    signed = members(signatures[0], "envelope/signatures/0", ("keyid", "sig"))
    key_id = string(signed["keyid"], "envelope/signatures/0/keyid")
    signature = base64_at(signed["sig"], "envelope/signatures/0/sig", 64)
    signer = next((key for key in trust.keys if "%s+%s" % (key.name, key.id) == key_id), None)
    if signer is None:
        raise Flaw("unknown_key", "envelope", "the bundle is signed by a key that is not pinned")
    head = "DSSEv1 %d %s %d " % (len(PAYLOAD_TYPE), PAYLOAD_TYPE, len(payload))
    if not ed25519_holds(signer.public, signature, head.encode() + payload):
        raise Flaw("signature", "envelope", "the bundle's signature does not hold")
    return payload, signer


def proof_at(value, at):
    return [base64_at(item, "%s/%d" % (at, i), 32) for i, item in enumerate(listed(value, at))]


class Entry:
    def __init__(self, value, at, supporting):
        extras = ("place", "payload", "nonce") if supporting else ("place", "payload")
        entry = members(value, at, ("leaf",), extras)
        self.at, self.leaf = at, read_leaf(entry["leaf"], at + "/leaf")
        self.hash = leaf_hash(canonical(entry["leaf"]).encode())
        self.shown, self.payload = "payload" in entry, entry.get("payload")
        self.nonce = base64_at(entry["nonce"], at + "/nonce", 32) if "nonce" in entry else None
        self.index, self.proof = None, None
        if "place" in entry:
            place = members(entry["place"], at + "/place", ("index", "proof"))
            self.index, self.proof = count(place["index"], at), proof_at(place["proof"], at + "/place/proof")

    def name(self):
        return "entry %d of writer `%s` (step %d of `%s`)" % (
            self.leaf["seq"], self.leaf["writer"], self.leaf["step"], self.leaf["subject"])


class Receipt:
    def __init__(self, payload):
        statement = members(read_document(payload, ""), "", ("_type", "predicate", "predicateType", "subject"))
        if statement["_type"] != STATEMENT_TYPE or statement["predicateType"] != RECEIPT_TYPE:
            raise Flaw("shape", "/predicateType", "the statement is not a receipt of version 1")
        subjects = listed(statement["subject"], "/subject")
        if len(subjects) != 1:
            raise Flaw("shape", "/subject", "a receipt is about one subject")
        about = members(subjects[0], "/subject/0", ("digest", "name"))
        self.about = string(about["name"], "/subject/0/name", ID)
        digest = members(about["digest"], "/subject/0/digest", ("sha256",))
        self.digest = string(digest["sha256"], "/subject/0/digest/sha256", r"[0-9a-f]{64}")
        at = "/predicate"
        names = ("checkpoint", "entries", "subject", "supporting", "v")
        receipt = members(statement["predicate"], at, names, ("consistency", "nonce"))
        if receipt["v"] != 1.0 or receipt["v"] is True:
            raise Flaw("shape", at + "/v", "only version 1 of a receipt is known")
        self.subject = string(receipt["subject"], at + "/subject", ID)
        self.nonce = base64_at(receipt["nonce"], at + "/nonce", 32) if "nonce" in receipt else None
        self.entries = self.read(receipt["entries"], at + "/entries", False)
        self.supporting = self.read(receipt["supporting"], at + "/supporting", True)
        self.note = receipt["checkpoint"]
        if self.note is not None:
            string(self.note, at + "/checkpoint")
        self.consistency = None
        if "consistency" in receipt:
            item = members(receipt["consistency"], at + "/consistency", ("from", "proof"))
            self.consistency = (count(item["from"], at), proof_at(item["proof"], at + "/consistency/proof"))

    @staticmethod
    def read(value, at, supporting):
        return [Entry(item, "%s/%d" % (at, i), supporting) for i, item in enumerate(listed(value, at))]


def judge_subject(receipt, problems):
    if not receipt.entries:
        problems.append(Flaw("step", "/predicate/entries", "the receipt holds no entry"))
        return
    if receipt.about != receipt.subject or receipt.digest != receipt.entries[-1].hash.hex():
        problems.append(Flaw("subject", "/subject/0", "the statement names another subject than its receipt"))
    before = None
    for entry in receipt.entries:
        if entry.leaf["subject"] != receipt.subject:
            problems.append(Flaw("subject", entry.at, "an entry of another subject stands here"))
        flaw = flaw_of_step(before, entry.leaf, entry.at)
        if flaw is not None:
            problems.append(flaw)
        before = entry.leaf


def judge_entry(entry, nonce, checkpoint, problems):
    if entry.shown:
        text = canonical(entry.payload).encode()
        commit = unbase64(entry.leaf["commit"])
        if nonce is None or not hmac.compare_digest(hmac.new(nonce, text, hashlib.sha256).digest(), commit):
            problems.append(Flaw("commitment", entry.at, "the payload of %s is not the one that was recorded" % entry.name()))
        fault = passkey_fault(entry.leaf, entry.payload)
        if fault is not None:
            problems.append(Flaw("passkey", entry.at, "%s: %s" % (entry.name(), fault)))
    if entry.index is None or checkpoint is None:
        problems.append(Flaw("pending", entry.at, "%s is not in the tree yet" % entry.name()))
        return
    if not inclusion_holds(entry.index, checkpoint.size, entry.hash, entry.proof, checkpoint.root):
        problems.append(Flaw("inclusion", entry.at, "%s is not in the tree of the checkpoint" % entry.name()))
    head = checkpoint.heads.get(entry.leaf["writer"])
    seq = entry.leaf["seq"]
    covered = checkpoint.closed[0] > 0 if head is None else seq < head[0] or (seq == head[0] and entry.hash == head[1])
    if not covered:
        problems.append(Flaw("head", entry.at, "the checkpoint does not cover %s" % entry.name()))


def judge_chains(entries, problems):
    before = None
    for entry in sorted(entries, key=lambda item: (item.leaf["writer"], item.leaf["seq"])):
        leaf = entry.leaf
        if leaf["seq"] == 0 and leaf["prev"] != b64(bytes(32)):
            problems.append(Flaw("chain", entry.at, "%s is the first of its chain but links back" % entry.name()))
        if before is not None and before.leaf["writer"] == leaf["writer"]:
            if before.leaf["seq"] + 1 == leaf["seq"]:
                links = leaf["prev"] == b64(before.hash)
            else:
                links = before.leaf["seq"] < leaf["seq"]
            ordered = before.index is None or entry.index is None or before.index < entry.index
            if not links or not ordered or before.leaf["at"] >= leaf["at"]:
                problems.append(Flaw("chain", entry.at, "%s does not follow %s" % (entry.name(), before.name())))
        before = entry


def judge_pin(receipt, checkpoint, pinned, problems):
    if pinned is None or checkpoint is None:
        return "none"
    if pinned.size == checkpoint.size:
        if pinned.root == checkpoint.root:
            return "same"
        problems.append(Flaw("fork", "/predicate/checkpoint", "the log has shown two different trees of the same size"))
        return "unproven"
    if receipt.consistency is None or receipt.consistency[0] != pinned.size:
        return "unproven"
    if consistency_holds(pinned.size, pinned.root, checkpoint.size, checkpoint.root, receipt.consistency[1]):
        return "consistent"
    problems.append(Flaw("fork", "/predicate/consistency", "the tree does not begin with the tree that was pinned"))
    return "unproven"


def verify_bundle(data, trust):
    try:
        payload, signer = open_bundle(data, trust)
        receipt = Receipt(payload)
        checkpoint = None if receipt.note is None else trust.open_checkpoint(receipt.note)
    except Flaw as flaw:
        return {"ok": False, "subject": None, "withheld": [], "proof": "none", "pin": "none", "problems": [flaw.found()]}
    problems = []
    in_turn = signer.may_sign(checkpoint.size) if checkpoint is not None else signer.until == SAFE
    if not in_turn:
        problems.append(Flaw("key_window", "envelope", "the key that signed the bundle was not in turn"))
    judge_subject(receipt, problems)
    for entry in receipt.entries:
        judge_entry(entry, receipt.nonce, checkpoint, problems)
    for entry in receipt.supporting:
        own = receipt.nonce if entry.leaf["subject"] == receipt.subject else None
        judge_entry(entry, entry.nonce if entry.nonce is not None else own, checkpoint, problems)
    judge_chains(receipt.entries + receipt.supporting, problems)
    pin = judge_pin(receipt, checkpoint, trust.pinned, problems)
    return {
        "ok": not problems,
        "subject": receipt.subject,
        "withheld": [entry.leaf["step"] for entry in receipt.entries if not entry.shown],
        "proof": "pending" if any(flaw.code == "pending" for flaw in problems) else "included",
        "pin": pin,
        "problems": [flaw.found() for flaw in problems],
    }


# --- log exports ------------------------------------------------------------------------------------------------------


class Log:
    """Walks an export line by line; the words of its findings are those of the TypeScript verifier."""

    def __init__(self, trust):
        self.trust, self.problems = trust, []
        self.stored, self.actual = Tree(), None
        self.chains, self.heads_at_last, self.misfits, self.steps = {}, {}, {}, {}
        self.expected, self.hashes_edited = [], False
        self.checkpoints, self.closed = [], []

    def add(self, code, at, sentence):
        self.problems.append(Flaw(code, at, sentence))

    def header(self, line):
        header = members(read_document(line, "line 1"), "line 1", ("checkpoints", "closed", "type", "v"), ("timestamps",))
        if header["type"] != LOG_TYPE or header["v"] != 1.0 or header["v"] is True:
            raise Flaw("shape", "line 1", "this is not a log export of version 1")
        notes = [string(note, "line 1") for note in listed(header["checkpoints"], "line 1")]
        self.closed = [string(head, "line 1") for head in listed(header["closed"], "line 1")]
        self.checkpoints = [self.trust.open_checkpoint(note) for note in notes]
        pinned = [] if self.trust.pinned is None else [self.trust.pinned]
        stamped = []
        for item in listed(header.get("timestamps", []), "line 1"):
            stamp = members(item, "line 1", ("answer", "authority", "note"))
            if unbase64(string(stamp["answer"], "line 1")) is None:
                raise Flaw("base64", "line 1", "base64 should be here")
            string(stamp["authority"], "line 1")
            stamped.append(self.trust.open_checkpoint(string(stamp["note"], "line 1")))
        self.expected = sorted(self.checkpoints + stamped + pinned, key=lambda item: item.size)
        for before, after in zip(self.expected, self.expected[1:]):
            if before.size == after.size and before.root != after.root:
                self.add("fork", "line 1", "the log has signed two different trees of %d entries" % before.size)
        self.meet()

    def entry(self, line):
        number = self.stored.size + 2
        stored_text, _, leaf_bytes = line.partition(b" ")
        stored = unbase64(stored_text.decode("latin-1"))
        actual = leaf_hash(leaf_bytes)
        if stored is None or len(stored) != 32 or stored != actual:
            kept = stored if stored is not None and len(stored) == 32 else actual
            misfit = {"line": number, "name": None}
            self.misfits[kept] = self.misfits[actual] = misfit
            if self.actual is None:
                self.actual = Tree(self.stored.size, self.stored.subtrees)
            self.actual.append(actual)
            self.stored.append(kept)
        else:
            self.stored.append(actual)
            if self.actual is not None:
                self.actual.append(actual)
            self.fit("line %d" % number, leaf_bytes, actual)
        self.meet()

    def fit(self, at, data, value):
        try:
            leaf = read_leaf(read_document(data, at), at)
        except Flaw as flaw:
            self.problems.append(flaw)
            return
        self.follow(leaf, at)
        self.chains[leaf["writer"]] = (leaf["seq"], value, leaf["at"])
        self.steps.setdefault(leaf["subject"], []).append((leaf["step"], at, leaf))

    def follow(self, leaf, at):
        before = self.chains.get(leaf["writer"])
        expected = 0 if before is None else before[0] + 1
        name = "entry %d of writer `%s`" % (leaf["seq"], leaf["writer"])
        prev = unbase64(leaf["prev"])
        misfit = self.misfits.get(prev)
        if misfit is not None and leaf["seq"] >= expected:
            misfit["name"] = "entry %d of writer `%s`" % (leaf["seq"] - 1, leaf["writer"])
        elif leaf["seq"] > expected:
            self.add("chain", at, "entry %d should stand before %s: deleted or moved" % (expected, name))
        elif leaf["seq"] < expected:
            self.add("chain", at, "%s stands after entry %d: moved or inserted" % (name, before[0]))
        elif prev != (bytes(32) if before is None else before[1]):
            self.add("chain", at, "%s does not link to the entry before it" % name)
        elif before is not None and before[2] >= leaf["at"]:
            self.add("time", at, "%s is not later than the entry before it" % name)

    def meet(self):
        while self.expected and self.expected[0].size == self.stored.size:
            checkpoint = self.expected.pop(0)
            # What was pinned or timestamped may be larger than the export's own last checkpoint.
            if self.checkpoints and checkpoint.size == self.checkpoints[-1].size:
                self.heads_at_last = dict(self.chains)
            is_stored = self.stored.root() == checkpoint.root
            is_actual = is_stored if self.actual is None else self.actual.root() == checkpoint.root
            self.hashes_edited = is_actual and not is_stored
            if not is_stored and not is_actual:
                size = checkpoint.size
                self.add("root", "size %d" % size, "the first %d entries are not those that were signed" % size)

    def finish(self):
        if not self.checkpoints:
            self.add("pending", "line 1", "the log has no checkpoint yet")
        for checkpoint in self.expected:
            self.add("size", "size %d" % checkpoint.size, "%d entries were signed and %d are here: the log was truncated "
                     "or rolled back" % (checkpoint.size, self.stored.size))
        if self.checkpoints:
            self.judge_heads(self.checkpoints[-1])
        for misfit in {id(item): item for item in self.misfits.values()}.values():
            name = misfit["name"] or "the record"
            what = "the hash stored with %s" % name if self.hashes_edited else name
            self.add("edited", "line %d" % misfit["line"], "%s was edited: the two do not fit each other" % what)
        if not self.problems:
            for steps in self.steps.values():
                before = None
                for _, at, leaf in sorted(steps, key=lambda item: item[0]):
                    flaw = flaw_of_step(before, leaf, at)
                    if flaw is not None:
                        self.problems.append(flaw)
                    before = leaf

    def judge_heads(self, last):
        folded, signed = bytes(32), {}
        for line in self.closed:
            folded = sha256(folded + line.encode() + b"\n")
            words = line.split(" ")
            if len(words) == 4:
                signed[words[1]] = (words[2], unbase64(words[3]))
        if (len(self.closed), folded) != last.closed:
            self.add("head", "line 1", "the list of closed writers is not the one that was signed")
        signed.update(last.heads)
        for writer, (seq, value) in signed.items():
            misfit = self.misfits.get(value)
            if misfit is not None:
                misfit["name"] = misfit["name"] or "entry %s of writer `%s`" % (seq, writer)
            elif self.heads_at_last.get(writer, (0, None))[1] != value:
                self.add("head", "writer " + writer, "the chain of writer `%s` does not end where it was signed" % writer)
        for writer in self.heads_at_last:
            if writer not in signed:
                self.add("head", "writer " + writer, "no signed head covers writer `%s`" % writer)


def verify_log(data, trust):
    log = Log(trust)
    lines = data[:-1].split(b"\n") if data.endswith(b"\n") else data.split(b"\n")
    try:
        log.header(lines[0])
    except Flaw as flaw:
        return {"ok": False, "size": 0, "problems": [flaw.found()]}
    for line in lines[1:]:
        log.entry(line)
    log.finish()
    size = log.checkpoints[-1].size if log.checkpoints else 0
    return {"ok": not log.problems, "size": size, "problems": [flaw.found() for flaw in log.problems]}


# --- the evidence of a run --------------------------------------------------------------------------------------------

ABSENT = object()
# What a receipt may leave out of all that is compared: its reader may not see it.
MAY_BE_HIDDEN = ("/what/args", "/what/result", "/what/claim", "/what/questions")


def part(value, name):
    """A member that is an object, or an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def told_at(leaf):
    """A leaf's moment has six digits after the second; a receipt's has none of the zeros at their end."""
    return re.sub(r"\.?0*Z\Z", "Z", leaf["at"])


def recorded_steps(entries):
    first, last = (entries[0].leaf, entries[-1].leaf)
    moves = []
    for entry in entries:
        move = {name: entry.leaf[name] for name in ("kind", "from", "to", "person") if name in entry.leaf}
        moves.append(dict(move, at=told_at(entry.leaf)))
    recorded = {"/state": last["to"] or "received", "/what/moves": moves}
    for name in ("agent", "workflow", "tool", "run"):
        recorded["/what/" + name] = first.get(name, "")
    return recorded


def recorded_content(entries):
    """What the payloads say word for word. Sentences are made of them anew by each version, and compared with nothing."""
    payloads = [entry.payload if isinstance(entry.payload, dict) else {} for entry in entries]
    call, asked = part(payloads[0], "call"), part(payloads[0], "input")
    has_call = "call" in payloads[0]
    decided = next((one for one in reversed(payloads) if "decision" in one), None)
    outcome = next((one for one in reversed(payloads) if "kind" in one), None)
    recorded = {
        "/what/args": call.get("args", part(call, "params").get("arguments", {})) if has_call else None,
        "/what/onBehalfOf": call.get("onBehalfOf", part(asked, "principal").get("onBehalfOf", ABSENT)),
        "/what/workload": call.get("workload", ABSENT),
        "/what/door": call.get("door", ""),
        "/what/isError": is_error(outcome or {}),
        "/what/claim": call.get("claim", ABSENT),
        "/what/result": (outcome or {}).get("result", (outcome or {}).get("error", ABSENT)),
        "/what/resultDigest": (outcome or {}).get("resultDigest", ABSENT),
        "/what/questions": questions_in(entries, payloads),
        "/checks": checks_in(decided, "arguments") + ([] if outcome is decided else checks_in(outcome, "result")),
        "/approvals/answers": [
            dict(part(payload, "answer"), at=told_at(entry.leaf)) for entry, payload in zip(entries, payloads) if "answer" in payload
        ],
    }
    for name in ("argsDigest", "callDigest"):
        recorded["/what/" + name] = call.get(name, asked.get(name, ABSENT)) if has_call else ""
    resource, principal = part(asked, "resource"), part(asked, "principal")
    # A stored call leaves out what its decision's input says the same.
    for name, other, none in (
        ("target", resource.get("target", ""), ""),
        ("environment", part(resource, "environment").get("name", ""), ""),
        ("verb", part(asked, "action").get("verb", ""), ""),
        ("owner", principal.get("owner", ""), ""),
        ("dri", principal.get("dri", ""), ""),
        ("tier", principal.get("tier", 0.0), 0.0),
    ):
        recorded["/what/" + name] = call.get(name, other) if has_call else none
    if not has_call:
        recorded["/what/onBehalfOf"] = ABSENT
    if decided is not None:
        for name in ("effect", "policySet"):
            recorded["/policy/" + name] = part(decided, "decision").get(name, ABSENT)
    return recorded


def is_error(outcome):
    """A result that is not of the type that its tool declares counts as an error."""
    if "result" not in outcome:
        return True if "error" in outcome else ABSENT
    mistyped = any(one.get("name") == "schema" and one.get("verdict") != "pass" for one in checks_in(outcome, "result"))
    return outcome.get("isError") is True or mistyped


def checks_in(payload, stage):
    if payload is None:
        return []
    checks = payload.get("checks", part(part(payload, "input"), "facts").get("checks"))
    return [dict(check, stage=stage) for check in checks if isinstance(check, dict)] if isinstance(checks, list) else []


def questions_in(entries, payloads):
    found = {}
    for entry, payload in zip(entries, payloads):
        asked, replied = part(payload, "asked"), part(payload, "replied")
        if "asked" in payload:
            question = {name: asked[name] for name in asked if name != "shownDigest"}
            found[asked.get("number")] = dict(question, at=told_at(entry.leaf))
        if replied.get("number") in found:
            found[replied["number"]].update(reply=replied.get("reply"), repliedAt=told_at(entry.leaf))
    return list(found.values()) or ABSENT


def value_at(receipt, pointer):
    value = receipt
    for name in pointer.split("/")[1:]:
        value = value.get(name, ABSENT) if isinstance(value, dict) else ABSENT
    if pointer == "/what/moves" and isinstance(value, list):
        # When each was recorded is the database's word, and stands in no leaf.
        return [{n: move[n] for n in move if n != "recordedAt"} if isinstance(move, dict) else move for move in value]
    return value


def is_same(one, other):
    if one is ABSENT or other is ABSENT:
        return one is other
    return canonical(one) == canonical(other)


def read_pack_line(data, at):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Flaw("json", at, "the bytes are not UTF-8")
    if len(data) > MAX_LINE_BYTES:
        raise Flaw("json", at, "the text is too large")
    return Reader(text, at, MAX_LINE_DEPTH).whole()


def judge_pack_line(data, at, wanted, run, trust):
    """What is wrong with one action of a pack, whether its bundle withholds what was said, and else its receipt."""
    line = members(read_pack_line(data, at), at, ("action", "receipt", "bundle"))
    action, bundle = string(line["action"], at), string(line["bundle"], at).encode("utf-8", "surrogatepass")
    if action != wanted:
        named = "no action" if wanted is None else "`%s`" % wanted
        raise Flaw("size", at, "line 1 names %s for this line" % named)
    verified = verify_bundle(bundle, trust)
    if not verified["ok"]:
        return [dict(flaw, at="%s, %s" % (at, flaw["at"])) for flaw in verified["problems"]], False, False
    if verified["subject"] != action:
        raise Flaw("subject", at, "the bundle is of `%s`, not of `%s`" % (verified["subject"], action))
    entries = Receipt(open_bundle(bundle, trust)[0]).entries
    if any(entry.leaf.get("run", "") != run for entry in entries):
        raise Flaw("subject", at, "its entries are not of the run `%s`" % run)
    if value_at(line["receipt"], "/id") != action:
        raise Flaw("receipt", "%s, /id" % at, "the receipt is not of `%s`" % action)
    recorded = recorded_steps(entries)
    if not verified["withheld"]:
        recorded.update(recorded_content(entries))
    named, problems, left_out = value_at(line["receipt"], "/withheld"), [], False
    hidden = [one for one in named if one in MAY_BE_HIDDEN] if isinstance(named, list) else []
    for pointer, value in recorded.items():
        said = value_at(line["receipt"], pointer)
        if is_same(said, value):
            continue
        if (said is ABSENT or said is None) and pointer in hidden:
            left_out = True
            continue
        flaw = Flaw("receipt", "%s, %s" % (at, pointer), "the receipt says something else than its bundle")
        problems.append(flaw.found())
    return problems, bool(verified["withheld"]), left_out


def verify_pack(data, trust):
    """INVARIANT: the trust that a pack carries is never read."""
    lines = data[:-1].split(b"\n") if data.endswith(b"\n") else data.split(b"\n")
    try:
        head = members(read_pack_line(lines[0], "line 1"), "line 1", ("type", "v", "run", "actions", "trust"))
        if head["type"] != PACK_TYPE or head["v"] != 1.0 or head["v"] is True:
            raise Flaw("shape", "line 1", "this is not a pack of version 1")
        run = string(head["run"], "line 1")
        actions = [string(one, "line 1") for one in listed(head["actions"], "line 1")]
        if len(set(actions)) < len(actions):
            raise Flaw("shape", "line 1", "it names an action twice")
    except Flaw as flaw:
        return {"ok": False, "run": None, "actions": 0, "withheld_in": 0, "left_out_in": 0, "problems": [flaw.found()]}
    problems, withheld_in, left_out_in = [], 0, 0
    for number, line in enumerate(lines[1:]):
        wanted = actions[number] if number < len(actions) else None
        try:
            found, is_withheld, is_left_out = judge_pack_line(line, "line %d" % (number + 2), wanted, run, trust)
        except Flaw as flaw:
            found, is_withheld, is_left_out = [flaw.found()], False, False
        problems += found
        withheld_in += is_withheld
        left_out_in += is_left_out
    if len(lines) - 1 < len(actions):
        sentence = "line 1 names %d actions and %d are here" % (len(actions), len(lines) - 1)
        problems.append(Flaw("size", "line %d" % (len(lines) + 1), sentence).found())
    counted = {"actions": len(lines) - 1, "withheld_in": withheld_in, "left_out_in": left_out_in}
    return dict(counted, ok=not problems, run=run, problems=problems)


# --- the command ------------------------------------------------------------------------------------------------------


def usage(why):
    sys.stderr.write("verify.py: %s\nusage: verify.py --trust TRUST.json [--json] [--log | --pack] FILE...\n" % why)
    return 2


def main(arguments):
    trust_file, files, as_json, verify = None, [], False, verify_bundle
    arguments = list(arguments)
    while arguments:
        argument = arguments.pop(0)
        if argument == "--trust" and arguments:
            trust_file = arguments.pop(0)
        elif argument == "--json":
            as_json = True
        elif argument in ("--log", "--pack"):
            asked = verify_log if argument == "--log" else verify_pack
            if verify not in (verify_bundle, asked):
                return usage("a file is either the export of a log or the evidence of a run: --log or --pack")
            verify = asked
        elif argument.startswith("--"):
            return usage("unknown option `%s`" % argument)
        else:
            files.append(argument)
    if trust_file is None or not files:
        return usage("a trust file and at least one file to verify are needed")
    try:
        with open(trust_file, "rb") as source:
            trust = Trust(source.read().decode("utf-8"))
    except (OSError, UnicodeDecodeError, Flaw) as why:
        return usage("the trust file cannot be used: %s" % why)
    results = []
    for name in files:
        try:
            with open(name, "rb") as source:
                data = source.read()
        except OSError as why:
            return usage("`%s` cannot be read: %s" % (name, why.strerror))
        results.append(dict(verify(data, trust), file=name))
    if as_json:
        print(json.dumps(results))
    else:
        for result in results:
            report(result)
    return 0 if all(result["ok"] for result in results) else 1


def report(result):
    about = "  %s, %d actions" % (result["run"], result["actions"]) if result.get("run") else ""
    print("%s: %s%s" % (result["file"], "holds" if result["ok"] else "DOES NOT HOLD", about))
    for problem in result["problems"]:
        print("  %(code)s at %(at)s: %(sentence)s" % problem)
    if result.get("withheld_in"):
        print("  %d bundles withhold what was said: of their receipts only the steps are proven" % result["withheld_in"])
    if result.get("left_out_in"):
        print("  %d receipts leave out some of what was said: that is not compared" % result["left_out_in"])
    if result.get("withheld"):
        print("  withheld payloads of steps: %s" % ", ".join(str(step) for step in result["withheld"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
