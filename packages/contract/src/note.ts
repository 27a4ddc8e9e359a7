import { type Bytes, concat, fromBase64, sha256, toBase64, toHex, utf8 } from "./bytes.ts";
import { Flaw } from "./flaw.ts";

/** An Ed25519 key in the C2SP signed-note form. `id` is 8 hex digits. */
export interface VerifierKey {
  readonly name: string;
  readonly id: string;
  readonly publicKey: Bytes;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly signature: Bytes;
}

export interface Note {
  /** With its final newline: these bytes are signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const ed25519 = Uint8Array.of(1);
const newline = Uint8Array.of(10);
// Printable ASCII without space and plus: narrower than C2SP, so that no look-alike names a second log.
const nameForm = /^[!-*,-~]{1,128}$/;
const maxSignatures = 16;

export function isKeyName(name: string): boolean {
  return nameForm.test(name);
}

/** Key id of C2SP signed-note: the first four bytes of SHA-256(name || 0x0A || 0x01 || public key). */
export async function keyId(name: string, publicKey: Uint8Array): Promise<string> {
  return toHex((await sha256(utf8(name), newline, ed25519, publicKey)).subarray(0, 4));
}

/** `name+id+base64(0x01 || public key)`. */
export async function formatVkey(name: string, publicKey: Uint8Array): Promise<string> {
  return `${name}+${await keyId(name, publicKey)}+${toBase64(concat(ed25519, publicKey))}`;
}

export async function parseVkey(vkey: string): Promise<VerifierKey> {
  const first = vkey.indexOf("+");
  const second = vkey.indexOf("+", first + 1);
  const name = vkey.slice(0, first);
  const id = vkey.slice(first + 1, second);
  const key = fromBase64(vkey.slice(second + 1));
  const isWhole =
    first > 0 && second > first && isKeyName(name) && key !== undefined && key.length === 33 && key[0] === 1;
  if (!isWhole) throw new Flaw("shape", "trust", "a key is not an Ed25519 verifier key of the form name+hash+base64");
  const publicKey = key.slice(1);
  if (id !== (await keyId(name, publicKey))) throw new Flaw("shape", "trust", "a key's hash does not fit its bytes");
  return { name, id, publicKey };
}

export function signatureLine(name: string, id: string, signature: Uint8Array): string {
  const idBytes = Uint8Array.from(id.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return `\u2014 ${name} ${toBase64(concat(idBytes, signature))}\n`;
}

export function formatNote(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.join("")}`;
}

export function parseNote(note: string): Note {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: C2SP signed-note forbids them
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.isWellFormed()) throw flaw("it holds a control character");
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) throw flaw("it has no signature part");
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > maxSignatures) throw flaw("it has too many signatures");
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, text, ...more] = line.split(" ");
  const bytes = fromBase64(text ?? "");
  if (
    dash !== "\u2014" ||
    name === undefined ||
    !isKeyName(name) ||
    bytes === undefined ||
    bytes.length < 5 ||
    more.length > 0
  ) {
    throw flaw("a signature line is malformed");
  }
  return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
}

function flaw(why: string): Flaw {
  return new Flaw("note", "checkpoint", `the checkpoint is not a signed note: ${why}`);
}

/** The given keys that signed the note. A signature under a given key that does not hold spoils the whole note. */
export async function signersOf(note: Note, keys: readonly VerifierKey[]): Promise<readonly VerifierKey[]> {
  const signers: VerifierKey[] = [];
  const text = utf8(note.text);
  for (const { name, id, signature } of note.signatures) {
    const key = keys.find((known) => known.name === name && known.id === id);
    if (key === undefined) continue;
    if (signers.includes(key) || !(await verifyEd25519(key.publicKey, signature, text))) {
      throw new Flaw(
        "checkpoint_signature",
        "checkpoint",
        `the signature of \`${name}+${id}\` on the checkpoint does not hold`,
      );
    }
    signers.push(key);
  }
  return signers;
}

export async function verifyEd25519(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (signature.length !== 64) return false;
  const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}
