import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleOf, TestLog, testKey } from "../vectors/log.ts";
import { codesOf, makeVectors, type Vector } from "../vectors/make.ts";
import {
  canonical,
  entryKinds,
  extendTrust,
  Flaw,
  type Json,
  moves,
  parseJson,
  type Trust,
  verifyBundle,
  verifyLog,
} from "./index.ts";

const script = new URL("../verifiers/verify.py", import.meta.url).pathname;
const read = (name: string): Vector[] =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")) as Vector[];
const bundles = read("bundles");
const logs = read("logs");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "verify-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface PythonAnswer {
  readonly ok: boolean;
  readonly proof?: string;
  readonly pin?: string;
  readonly withheld?: number[];
  readonly problems: readonly { readonly code: string; readonly at: string; readonly sentence: string }[];
}

/** Writes the files, runs the second verifier once over all of them. */
function python(trust: Trust, files: readonly (string | Uint8Array)[], kind: "bundle" | "log"): PythonAnswer[] {
  const names = files.map((file, at) => {
    const name = join(folder, `${at}`);
    writeFileSync(name, file);
    return name;
  });
  writeFileSync(join(folder, "trust"), JSON.stringify(trust));
  const args = [script, "--json", "--trust", join(folder, "trust"), ...(kind === "log" ? ["--log"] : []), ...names];
  try {
    return JSON.parse(execFileSync("python3", args, { encoding: "utf8", maxBuffer: 1e9 })) as PythonAnswer[];
  } catch (failed) {
    const { status, stdout } = failed as { status: number; stdout: string };
    if (status !== 1) throw failed;
    return JSON.parse(stdout) as PythonAnswer[];
  }
}

describe("the vectors", () => {
  it("are what make.ts makes", async () => {
    expect(await makeVectors()).toEqual({ bundles, logs });
  });

  const answers = new Map<Vector, PythonAnswer>();
  beforeAll(() => {
    const groups = Map.groupBy([...bundles, ...logs], (vector) => `${vector.kind} ${JSON.stringify(vector.trust)}`);
    for (const group of groups.values()) {
      const [first] = group;
      if (first === undefined) continue;
      const found = python(
        first.trust,
        group.map((vector) => vector.file),
        first.kind,
      );
      for (const [at, vector] of group.entries()) answers.set(vector, found[at] as PythonAnswer);
    }
  });

  it.each([...bundles, ...logs])("$kind: $name: both verifiers agree", async (vector) => {
    expect(await codesOf(vector)).toEqual(vector.codes);
    const answer = answers.get(vector);
    expect([...new Set(answer?.problems.map((flaw) => flaw.code))].sort()).toEqual(vector.codes);
    expect(answer?.ok).toBe(vector.codes.length === 0);
    if (vector.proof === undefined) return;
    const said = { proof: vector.proof, pin: vector.pin, withheld: vector.withheld };
    expect(answer).toMatchObject(said);
    expect(await verifyBundle(Buffer.from(vector.file), vector.trust)).toMatchObject(said);
  });
});

describe("a flipped byte", () => {
  const [valid] = bundles;
  if (valid === undefined) throw new Error("there are no vectors");
  const bytes = Buffer.from(valid.file);
  const flipped = (at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
    return copy;
  };

  it("of a bundle is never accepted, wherever it is", async () => {
    const accepted: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      if ((await verifyBundle(flipped(at), valid.trust)).ok) accepted.push(at);
    }
    expect(accepted).toEqual([]);
  });

  it("of a bundle is never accepted by the second verifier", () => {
    const sample = Array.from({ length: 200 }, (_, i) => Math.floor((i * bytes.length) / 200));
    const answers = python(valid.trust, [bytes, ...sample.map(flipped)], "bundle");
    expect(answers.map((answer) => answer.ok)).toEqual([true, ...sample.map(() => false)]);
  });

  it("MT-40 of a log is found and the record is named, by both verifiers", async () => {
    const log = logs[0];
    if (log === undefined) throw new Error("there are no vectors");
    const lines = log.file.slice(0, -1).split("\n");
    const files: string[] = [];
    const expected: string[] = [];
    for (let line = 1; line < lines.length; line++) {
      const text = lines[line] ?? "";
      const leaf = JSON.parse(text.slice(45)) as { writer: string; seq: number };
      for (let at = 0; at < text.length; at += 7) {
        const byte = String.fromCharCode(text.charCodeAt(at) ^ 1);
        files.push(`${lines.with(line, text.slice(0, at) + byte + text.slice(at + 1)).join("\n")}\n`);
        expected.push(`line ${line + 1} entry ${leaf.seq} of writer \`${leaf.writer}\``);
      }
    }
    const answers = python(log.trust, files, "log");
    for (const [i, file] of files.entries()) {
      const found = await verifyLog(file.slice(0, -1).split("\n"), log.trust);
      for (const answer of [found, answers[i]]) {
        expect(answer?.ok).toBe(false);
        const named = answer?.problems.map((flaw) => `${flaw.at} ${flaw.sentence}`).join("; ") ?? "";
        for (const part of [expected[i]?.slice(0, 6) ?? "", expected[i]?.slice(7) ?? ""]) expect(named).toContain(part);
      }
    }
  });
});

describe("the second verifier", () => {
  it("writes numbers and strings as RFC 8785 does", () => {
    const bits = new DataView(new ArrayBuffer(8));
    const double = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => {
      bits.setBigUint64(0, n);
      return bits.getFloat64(0);
    });
    const values = [
      ...fc.sample(double.filter(Number.isFinite), 3_000),
      ...fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e25, max: 1e25 }), 3_000),
      ...fc.sample(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), 500),
      ...[0, 1e21, 1e-6, 1e-7, 123456789012345680000, 5e-324, 2 ** 53, 0.1 + 0.2],
    ] as Json[];
    const code =
      "import sys, verify; sys.exit(0 if verify.read_document(sys.stdin.buffer.read(), 'x') is not None else 1)";
    const cwd = join(script, "..");
    execFileSync("python3", ["-B", "-c", code], { cwd, input: canonical(values) });
    expect(() => execFileSync("python3", ["-B", "-c", code], { cwd, input: "[1.0]", stdio: "pipe" })).toThrow();
  });

  it("reads exactly the JSON that the first reads", () => {
    const part = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"b"',
      '"\\u0061"',
      '"\\ud800"',
      '"\\ud83d\\ude00"',
      '"\\x"',
      "1",
      "-0",
      "01",
      "1.",
      "1e5",
      "1e999",
      "9007199254740993",
      "9007199254740992",
      "123456789012345670000",
      " ",
      "\t",
      "\u00a0",
      "null",
      "nul",
      "true",
      '"\u007f"',
      '"\t"',
      "\ufeff",
      "",
    );
    const texts = [
      ...fc.sample(
        fc.array(part, { maxLength: 9 }).map((parts) => parts.join("")),
        5_000,
      ),
      ...fc.sample(fc.json(), 300),
      ...fc.sample(
        fc
          .tuple(fc.json(), fc.nat(), part)
          .map(
            ([text, at, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice(at % (text.length + 1)),
          ),
        2_000,
      ),
    ];
    const code = `
import sys, json, verify
def reads(text):
    try:
        verify.Reader(text, "x").whole()
        return True
    except verify.Flaw:
        return False
print(json.dumps([reads(text) for text in json.load(sys.stdin)]))`;
    const said = JSON.parse(
      execFileSync("python3", ["-B", "-c", code], {
        cwd: join(script, ".."),
        input: JSON.stringify(texts),
        encoding: "utf8",
      }),
    ) as boolean[];
    const reads = (text: string): boolean => {
      try {
        parseJson(text, { maxBytes: 1e6, maxDepth: 80 });
        return true;
      } catch {
        return false;
      }
    };
    for (const [at, text] of texts.entries()) expect(said[at], text).toBe(reads(text));
    expect(said.filter(Boolean).length).toBeGreaterThan(300);
  });

  it("knows the same states, moves and kinds of entry", () => {
    const code =
      "import json, verify; print(json.dumps([{k: sorted(v) for k, v in verify.MOVES.items()}, sorted(verify.ENTRY_KINDS)]))";
    const said: unknown = JSON.parse(
      execFileSync("python3", ["-B", "-c", code], { cwd: join(script, ".."), encoding: "utf8" }),
    );
    const sorted = Object.fromEntries(Object.entries(moves).map(([from, to]) => [from, [...to].sort()]));
    expect(said).toEqual([sorted, [...entryKinds].sort()]);
  });

  it("is written for Python 3.8", () => {
    const code = "import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 8))";
    execFileSync("python3", ["-c", code, script]);
  });

  it("exits with 0, 1 and 2, and says why", () => {
    const [valid] = bundles;
    const run = (...args: string[]) => spawnSync("python3", [script, ...args], { encoding: "utf8" });
    writeFileSync(join(folder, "good"), valid?.file ?? "");
    writeFileSync(join(folder, "bad"), `${valid?.file}\n`);
    writeFileSync(join(folder, "pin"), JSON.stringify(valid?.trust));
    expect(run("--trust", join(folder, "pin"), join(folder, "good")).status).toBe(0);
    expect(run("--trust", join(folder, "pin"), join(folder, "good"), join(folder, "bad"))).toMatchObject({ status: 1 });
    expect(run("--trust", join(folder, "good"), join(folder, "good")).status).toBe(2);
    expect(run(join(folder, "good")).status).toBe(2);
    expect(run("--trust", join(folder, "pin"), join(folder, "none")).stderr).toContain("cannot be read");
  });
});

describe("a rotated key", () => {
  it("is learnt from a receipt that the old key vouches for, and from nothing less", async () => {
    const origin = "log.acme.example";
    const [old, next, thief] = [await testKey(origin, 1), await testKey(origin, 2), await testKey(origin, 3)];
    const trust: Trust = { origin, keys: [{ vkey: old.vkey, from: 0 }] };
    const log = new TestLog(origin);
    await log.append("wrt_a", "gov_x", ["rotated", null, null], { previous: old.vkey, next: next.vkey });
    const both = await bundleOf(await log.receipt("gov_x", await log.note([old, next])), old);
    const learnt = await extendTrust(trust, Buffer.from(both));
    expect(learnt.keys).toEqual([
      { vkey: old.vkey, from: 0, until: 1 },
      { vkey: next.vkey, from: 1 },
    ]);

    await log.append("wrt_a", "act_y", ["refused", "received", "refused"], {});
    const later = Buffer.from(await bundleOf(await log.receipt("act_y", await log.note([next])), next));
    expect((await verifyBundle(later, learnt)).ok).toBe(true);
    expect((await verifyBundle(later, trust)).problems).toMatchObject([{ code: "unknown_key" }]);

    const alone = await bundleOf(await log.receipt("gov_x", await log.note([old])), old);
    await expect(extendTrust(trust, Buffer.from(alone))).rejects.toThrow(Flaw);
    const stolen = await bundleOf(await log.receipt("gov_x", await log.note([thief, next])), thief);
    await expect(extendTrust(trust, Buffer.from(stolen))).rejects.toThrow(Flaw);
  });
});
