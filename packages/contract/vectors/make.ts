// biome-ignore-all lint/style/noNonNullAssertion: the cases are built a few lines above
// biome-ignore-all lint/suspicious/noConsole: run by hand
import { writeFileSync } from "node:fs";
import {
  canonical,
  type FlawCode,
  formatNote,
  type Json,
  type Receipt,
  signatureLine,
  type Trust,
  verifyBundle,
  verifyLog,
} from "../src/index.ts";
import { base64s, bundleOf, sealed, signed, signText, statementOf, type TestKey, TestLog, testKey } from "./log.ts";

/** One case that every verifier must judge alike. `codes` is the set of what must be found, sorted. */
export interface Vector {
  readonly name: string;
  readonly kind: "bundle" | "log";
  readonly trust: Trust;
  /** The file, as text. */
  readonly file: string;
  readonly codes: readonly FlawCode[];
  readonly proof?: string;
  readonly pin?: string;
  readonly withheld?: readonly number[];
}

const origin = "log.acme.example/countersign";
const action = "act_0000000000000000000000000a";
const other = "act_0000000000000000000000000b";
const deed = "gov_0000000000000000000000000c";

interface Scene {
  readonly log: TestLog;
  readonly key: TestKey;
  readonly next: TestKey;
  readonly thief: TestKey;
  readonly note: string;
  readonly receipt: Receipt;
  readonly trust: Trust;
}

async function scene(): Promise<Scene> {
  const key = await testKey(origin, 1);
  const log = await record(new TestLog(origin));
  const note = await log.note([key]);
  const trust: Trust = { origin, keys: [{ vkey: key.vkey, from: 0 }] };
  const receipt = await log.receipt(action, note);
  return { log, key, next: await testKey(origin, 2), thief: await testKey(origin, 3), note, receipt, trust };
}

async function record(
  log: TestLog,
  args: Json = { issue: 7, title: "crash \u20ac\ud83d\ude00 on start\n", weight: 0.1, big: 1e21 },
): Promise<TestLog> {
  await log.append("wrt_a", deed, ["activated", null, null], { policies: ["p1"] });
  await log.append("wrt_a", action, ["held", "received", "held"], { args });
  await log.append("wrt_b", other, ["refused", "received", "refused"], { reason: "policy" });
  await log.append(
    "wrt_b",
    action,
    ["approved", "held", "ready"],
    { person: "ana@acme.example" },
    { person: "ana@acme.example" },
  );
  await log.append("wrt_b", action, ["intent", "ready", "running"], { attempt: 1 });
  await log.append("wrt_a", other, ["read", null, null], {}, { subject: "gov_reader", step: 0 });
  await log.append("wrt_b", action, ["outcome", "running", "done"], { result: { number: 7, ok: true, nothing: null } });
  return log;
}

type Edit<T> = T extends readonly (infer Item)[]
  ? Edit<Item>[]
  : T extends object
    ? { -readonly [K in keyof T]: Edit<T[K]> }
    : T;

function edited(receipt: Receipt, change: (receipt: Edit<Receipt>) => void): Receipt {
  const copy = structuredClone(receipt) as Edit<Receipt>;
  change(copy);
  return copy as Receipt;
}

async function validBundles({ log, key, next, note, receipt, trust }: Scene): Promise<Vector[]> {
  const file = await bundleOf(receipt, key);
  const early = await log.note([key], 3);
  const withheld = edited(receipt, (r) => {
    delete r.nonce;
    for (const entry of r.entries) delete entry.payload;
  });
  const [first] = log.entries;
  const supporting: Receipt = {
    ...receipt,
    supporting: [
      {
        leaf: first!.leaf,
        place: await log.place(0),
        payload: first!.payload,
        nonce: log.nonce(deed).toString("base64"),
      },
    ],
  };
  const consistent = { ...receipt, consistency: { from: 3, proof: base64s(await log.consistency(3)) } };
  const both = await log.note([key, next]);
  const rotated = {
    origin,
    keys: [
      { vkey: key.vkey, from: 0, until: 3 },
      { vkey: next.vkey, from: 3 },
    ],
  };
  const ok = { kind: "bundle", codes: [], proof: "included", pin: "none", withheld: [] } as const;
  return [
    { ...ok, name: "valid", trust, file },
    {
      ...ok,
      name: "valid, every payload withheld",
      trust,
      file: await bundleOf(withheld, key),
      withheld: [0, 1, 2, 3],
    },
    { ...ok, name: "valid, with a supporting entry", trust, file: await bundleOf(supporting, key) },
    {
      ...ok,
      name: "valid, the pinned checkpoint is the same",
      trust: { ...trust, lastCheckpoint: note },
      file,
      pin: "same",
    },
    {
      ...ok,
      name: "valid, the pinned checkpoint is earlier and no proof is there",
      trust: { ...trust, lastCheckpoint: early },
      file,
      pin: "unproven",
    },
    {
      ...ok,
      name: "valid, consistent with the pinned checkpoint",
      trust: { ...trust, lastCheckpoint: early },
      file: await bundleOf(consistent, key),
      pin: "consistent",
    },
    {
      ...ok,
      name: "valid, signed by the key that was rotated in",
      trust: rotated,
      file: await bundleOf(await log.receipt(action, both), next),
    },
    {
      ...ok,
      name: "valid, with a signature of a stranger on the checkpoint",
      trust,
      file: await bundleOf(await log.receipt(action, both), key),
    },
  ];
}

async function brokenFiles({ key, next, thief, note, receipt, trust }: Scene): Promise<Vector[]> {
  const file = await bundleOf(receipt, key);
  const envelope = JSON.parse(file) as {
    payload: string;
    payloadType: string;
    signatures: { keyid: string; sig: string }[];
  };
  const [signature] = envelope.signatures;
  const swap = (change: object): string => canonical({ ...envelope, ...change });
  const noteSignature = signText(key, note.slice(0, note.lastIndexOf("\n\n") + 1)).toString("base64");
  const text = canonical(await statementOf(receipt));
  const bad = (name: string, code: FlawCode, broken: string): Vector => ({
    name,
    kind: "bundle",
    trust,
    file: broken,
    codes: [code],
  });
  const sig = Buffer.from(signature!.sig, "base64");
  // The group's order: adding it to S gives a second signature that a careless verifier accepts.
  let s =
    BigInt(`0x${Buffer.from(sig.subarray(32)).reverse().toString("hex")}`) +
    2n ** 252n +
    27742317777372353535851937790883648493n;
  for (let i = 32; i < 64; i++, s >>= 8n) sig[i] = Number(s & 255n);
  return [
    bad("a newline after the file", "canonical", `${file}\n`),
    bad("a space inside the file", "canonical", file.replace(":", ": ")),
    bad("a byte order mark", "json", `\ufeff${file}`),
    bad("something after the file", "json", `${file}{}`),
    bad("an empty file", "json", ""),
    bad("a member twice", "json", file.replace("{", '{"payload":"",')),
    bad("an unknown member", "shape", swap({ zzz: 1 })),
    bad("a member named __proto__", "shape", file.replace("{", '{"__proto__":{},')),
    bad("another payload type", "shape", swap({ payloadType: "application/json" })),
    bad("two signatures", "shape", swap({ signatures: [signature, signature] })),
    bad("no signature", "shape", swap({ signatures: [] })),
    bad(
      "base64 with stray low bits",
      "base64",
      swap({
        signatures: [{ ...signature, sig: `${signature!.sig.slice(0, -3)}${next64(signature!.sig.at(-3)!)}==` }],
      }),
    ),
    bad("base64 without padding", "base64", swap({ signatures: [{ ...signature, sig: signature!.sig.slice(0, -2) }] })),
    bad(
      "a signature plus the group's order",
      "signature",
      swap({ signatures: [{ ...signature, sig: sig.toString("base64") }] }),
    ),
    bad(
      "the checkpoint's signature on the bundle",
      "signature",
      swap({ signatures: [{ ...signature, sig: noteSignature }] }),
    ),
    bad("signed by a thief's key", "unknown_key", await bundleOf(receipt, thief)),
    bad("signed by a thief's key under the pinned key's id", "signature", sealed(text, { ...thief, id: key.id })),
    bad("signed by a key of the same name that is not pinned", "unknown_key", await bundleOf(receipt, next)),
    bad("a statement that is not canonical", "canonical", sealed(`${text} `, key)),
    bad("a statement with a member twice", "json", sealed(text.replace("{", '{"_type":"x",'), key)),
    bad(
      "a statement with an integer that would be altered",
      "json",
      sealed(text.replace('"issue":7', '"issue":9007199254740993'), key),
    ),
    bad("a statement with a number that overflows", "json", sealed(text.replace('"issue":7', '"issue":1e400'), key)),
    bad("a statement with a lone surrogate", "json", sealed(text.replace("crash", "\\ud800"), key)),
    bad(
      "a statement nested too deeply",
      "json",
      sealed(text.replace('"issue":7', `"issue":${"[".repeat(90)}${"]".repeat(90)}`), key),
    ),
    bad("a number in another spelling", "canonical", sealed(text.replace('"weight":0.1', '"weight":1e-1'), key)),
    bad("an unknown version", "shape", sealed(text.replace('"v":1}', '"v":2}'), key)),
    bad("another predicate type", "shape", sealed(text.replace("receipt/v1", "receipt/v2"), key)),
    bad("an unknown kind of entry", "shape", sealed(text.replace('"kind":"held"', '"kind":"blessed"'), key)),
  ];
}

/** The next letter of the base64 alphabet has other low bits and the same high ones. */
function next64(letter: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return alphabet[alphabet.indexOf(letter) + 1] ?? "B";
}

/** Receipts that hold lies, sealed with the right key: what is left when the key is misused. */
async function lyingReceipts({ log, key, receipt, trust }: Scene): Promise<Vector[]> {
  const lie = async (name: string, codes: FlawCode[], change: (r: Edit<Receipt>) => void): Promise<Vector> => ({
    name,
    kind: "bundle",
    trust,
    file: await bundleOf(edited(receipt, change), key),
    codes: codes.sort(),
  });
  const foreign = await statementOf(receipt);
  return [
    await lie("an edited payload", ["commitment"], (r) => {
      r.entries[0]!.payload = { args: { issue: 8 } };
    }),
    await lie("a payload without its nonce", ["commitment"], (r) => {
      delete r.nonce;
    }),
    await lie("an edited entry", ["inclusion"], (r) => {
      r.entries[0]!.leaf.agent = "other-bot";
    }),
    await lie("an edited last entry", ["head", "inclusion"], (r) => {
      r.entries[3]!.leaf.agent = "other-bot";
    }),
    await lie("an entry left out in the middle", ["step"], (r) => {
      r.entries.splice(1, 1);
    }),
    await lie("the first entry left out", ["step"], (r) => {
      r.entries.splice(0, 1);
    }),
    await lie("two entries in the wrong order", ["step"], (r) => {
      r.entries.splice(1, 2, r.entries[2]!, r.entries[1]!);
    }),
    await lie("an entry twice", ["step", "chain"], (r) => {
      r.entries.splice(1, 0, r.entries[0]!);
    }),
    await lie("no entries", ["step"], (r) => {
      r.entries = [];
    }),
    await lie("another place in the tree", ["inclusion"], (r) => {
      r.entries[0]!.place!.index = 0;
    }),
    await lie("a place beyond the tree", ["inclusion"], (r) => {
      r.entries[0]!.place!.index = 70;
    }),
    await lie("a longer proof", ["inclusion"], (r) => {
      r.entries[0]!.place!.proof.push(r.entries[0]!.place!.proof[0]!);
    }),
    await lie("a shorter proof", ["inclusion"], (r) => {
      r.entries[0]!.place!.proof.pop();
    }),
    await lie("another subject's name", ["subject"], (r) => {
      r.subject = other;
    }),
    await lie("an entry of another subject", ["subject", "inclusion"], (r) => {
      r.entries[0]!.leaf.subject = other;
    }),
    await lie("an entry without its place", ["pending"], (r) => {
      delete r.entries[3]!.place;
    }),
    {
      name: "another subject in the statement",
      kind: "bundle",
      trust,
      codes: ["subject"],
      file: sealed(
        { ...(foreign as object), subject: [{ name: other, digest: { sha256: "0".repeat(64) } }] } as Json,
        key,
      ),
    },
    {
      name: "before the sequencer has run",
      kind: "bundle",
      trust,
      codes: ["pending"],
      proof: "pending",
      pin: "none",
      withheld: [],
      file: await bundleOf(await log.receipt(action, null), key),
    },
  ];
}

async function lyingCheckpoints({ log, key, next, thief, receipt, trust }: Scene): Promise<Vector[]> {
  const size = log.entries.length;
  const text = await log.text(size);
  const withNote = async (
    name: string,
    codes: FlawCode[],
    note: string,
    under: Trust = trust,
    by = key,
  ): Promise<Vector> => ({
    name,
    kind: "bundle",
    trust: under,
    file: await bundleOf({ ...receipt, checkpoint: note }, by),
    codes,
  });
  const fork = await record(new TestLog(origin), { issue: 8 });
  const until = {
    origin,
    keys: [
      { vkey: key.vkey, from: 0, until: 3 },
      { vkey: next.vkey, from: 3 },
    ],
  };
  const preAuthenticated = signText(key, Buffer.from(`DSSEv1 4 note ${text.length} ${text}`));
  const early = await log.note([key], 3);
  const forked = { ...receipt, consistency: { from: 3, proof: base64s(await fork.consistency(3)) } };
  return [
    await withNote("a checkpoint signed by a thief", ["unknown_key"], signed(text, [thief])),
    await withNote(
      "a checkpoint signed by a thief under the pinned key's id",
      ["checkpoint_signature"],
      signed(text, [{ ...thief, id: key.id }]),
    ),
    await withNote(
      "an edited checkpoint",
      ["checkpoint_signature"],
      signed(text, [key]).replace(`\n${size}\n`, `\n${size + 1}\n`),
    ),
    await withNote(
      "a bundle's kind of signature on the checkpoint",
      ["checkpoint_signature"],
      formatNote(text, [signatureLine(key.name, key.id, preAuthenticated)]),
    ),
    await withNote(
      "a checkpoint of another log",
      ["origin"],
      signed(await log.text(size, { origin: "other.example/log" }), [key]),
    ),
    await withNote("a checkpoint without signatures", ["note"], text),
    await withNote(
      "a checkpoint with a malformed line",
      ["note"],
      signed(text.replace("writer wrt_a", "writer  wrt_a"), [key]),
    ),
    await withNote("a checkpoint with an unknown line", ["note"], signed(`${text}hello world\n`, [key])),
    await withNote(
      "a checkpoint with a leading zero",
      ["note"],
      signed(text.replace(`\n${size}\n`, `\n0${size}\n`), [key]),
    ),
    await withNote(
      "a checkpoint that does not cover a writer",
      ["head"],
      signed(await log.text(size, { heads: log.heads(size).slice(0, 1) }), [key]),
    ),
    await withNote(
      "a checkpoint with an older head",
      ["head"],
      signed(await log.text(size, { heads: log.heads(4) }), [key]),
    ),
    await withNote("a retired key signs for a later tree", ["key_window"], signed(text, [key]), until),
    await withNote("a retired key seals a bundle over a later tree", ["key_window"], signed(text, [key, next]), until),
    {
      name: "a forked log of the same size",
      kind: "bundle",
      trust: { ...trust, lastCheckpoint: await fork.note([key]) },
      codes: ["fork"],
      file: await bundleOf(receipt, key),
    },
    {
      name: "a consistency proof that does not hold",
      kind: "bundle",
      trust: { ...trust, lastCheckpoint: early },
      codes: ["fork"],
      file: await bundleOf(forked, key),
    },
  ];
}

async function falseRecords({ key, trust }: Scene): Promise<Vector[]> {
  const illegal = new TestLog(origin);
  await illegal.append("wrt_a", action, ["refused", "received", "refused"], {});
  await illegal.append("wrt_a", action, ["intent", "refused", "running"], {});
  const unlinked = new TestLog(origin);
  await unlinked.append("wrt_a", action, ["held", "received", "held"], {});
  await unlinked.append(
    "wrt_a",
    action,
    ["ready", "held", "ready"],
    {},
    { prev: Buffer.alloc(32, 7).toString("base64") },
  );
  const broken = async (name: string, codes: FlawCode[], log: TestLog): Promise<Vector> => ({
    name,
    kind: "bundle",
    trust,
    file: await bundleOf(await log.receipt(action, await log.note([key])), key),
    codes,
  });
  return [
    await broken("a refused action that runs, recorded and signed", ["move"], illegal),
    await broken("a chain that does not link, recorded and signed", ["chain"], unlinked),
  ];
}

async function logs({ log, key, thief, trust, note }: Scene): Promise<Vector[]> {
  const lines = log.exported([await log.note([key], 3), note]);
  const vector = (name: string, codes: FlawCode[], file: readonly string[], under = trust): Vector => ({
    name,
    kind: "log",
    trust: under,
    file: `${file.join("\n")}\n`,
    codes: codes.sort(),
  });
  const later = await record(new TestLog(origin));
  const closing = await record(new TestLog(origin));
  closing.closed.push(...closing.heads(7).slice(0, 1));
  await later.append("wrt_b", other, ["alert", null, null], {}, { subject: "gov_z", step: 0 });
  const fork = await record(new TestLog(origin), { issue: 8 });
  const hash = lines[2]!.slice(0, 44);
  return [
    vector("a whole log", [], lines),
    vector("a log with entries that are not sequenced yet", [], later.exported([note])),
    vector("a log with a writer that is closed", [], closing.exported([await closing.note([key])])),
    vector(
      "the list of closed writers cut",
      ["head"],
      closing
        .exported([await closing.note([key])])
        .map((line, at) => (at === 0 ? line.replace(/"closed":\[[^\]]*\]/, '"closed":[]') : line)),
    ),
    vector("an edited entry", ["edited"], lines.with(3, lines[3]!.replace("triage-bot", "triage-bat"))),
    vector("an entry that is no longer JSON", ["edited"], lines.with(3, lines[3]!.replace("{", "["))),
    vector("an edited entry with its hash made to fit", ["root", "chain"], lines.with(2, fork.exported([])[2]!)),
    vector("an edited hash", ["edited"], lines.with(2, lines[2]!.replace(hash, lines[3]!.slice(0, 44)))),
    vector("a deleted entry", ["chain", "head", "root", "size"], lines.toSpliced(3, 1)),
    vector("an entry moved", ["chain", "root"], [...lines.slice(0, 4), lines[5]!, lines[4]!, ...lines.slice(6)]),
    vector("an entry inserted twice", ["chain", "head", "root"], lines.toSpliced(3, 0, lines[2]!)),
    vector("a truncated log", ["head", "size"], lines.slice(0, -2)),
    vector(
      "a database that was rolled back",
      ["size"],
      lines.toSpliced(5, 3).with(0, log.exported([await log.note([key], 3)])[0]!),
      { ...trust, lastCheckpoint: note },
    ),
    vector("a forked log", ["fork", "root"], fork.exported([await fork.note([key])]), {
      ...trust,
      lastCheckpoint: note,
    }),
    vector("a log signed by a thief", ["unknown_key"], log.exported([await log.note([thief])])),
    vector("a log without a checkpoint", ["pending"], log.exported([])),
    vector("a header with an unknown member", ["shape"], lines.with(0, lines[0]!.replace('{"', '{"a":1,"'))),
  ];
}

export async function makeVectors(): Promise<{ readonly bundles: Vector[]; readonly logs: Vector[] }> {
  const all = await scene();
  const groups = [validBundles, brokenFiles, lyingReceipts, lyingCheckpoints, falseRecords];
  return { bundles: (await Promise.all(groups.map((group) => group(all)))).flat(), logs: await logs(all) };
}

/** What the TypeScript verifier finds, as a vector states it. */
export async function codesOf(vector: Vector): Promise<FlawCode[]> {
  const found =
    vector.kind === "bundle"
      ? await verifyBundle(Buffer.from(vector.file), vector.trust)
      : await verifyLog(vector.file.slice(0, -1).split("\n"), vector.trust);
  return [...new Set(found.problems.map((flaw) => flaw.code))].sort();
}

if (import.meta.main) {
  const { bundles, logs: made } = await makeVectors();
  for (const vector of [...bundles, ...made]) {
    const codes = await codesOf(vector);
    if (codes.join() !== vector.codes.join())
      console.error(`${vector.name}: expected [${vector.codes}], found [${codes}]`);
  }
  writeFileSync(new URL("bundles.json", import.meta.url), `${JSON.stringify(bundles, null, 1)}\n`);
  writeFileSync(new URL("logs.json", import.meta.url), `${JSON.stringify(made, null, 1)}\n`);
}
