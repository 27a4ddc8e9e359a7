import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { JsonObject, VetoFact } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildOpa } from "../../../../scripts/build-opa.ts";
import { type FakePdp, openFakePdp } from "../../../../test/support/fake-pdp.ts";
import { type BuiltBundle, buildBundle, type RunningOpa, startOpa } from "../../../../test/support/opa.ts";
import { systemClock } from "../floor/clock.ts";
import { Secret } from "../floor/secret.ts";
import { openVetoes } from "./open-vetoes.ts";
import { openWasm, wasmBounds } from "./open-wasm.ts";
import { regoInputSchema } from "./rego-schema.ts";
import { mostUnderWay, type VetoRule } from "./veto.ts";

const root = join(import.meta.dirname, "../../../..");
const estate = join(root, "test/support/estate");
const starter = join(import.meta.dirname, "../../rego");
const zeros = gzipSync(Buffer.alloc(20_000_000));
const key = "a-key-that-only-opa-may-see";

let opa: RunningOpa;
let served: BuiltBundle;
let wasm: BuiltBundle;
const vetoes = openVetoes({
  clock: systemClock,
  folder: root,
  async lease(name) {
    if (name !== "opa/key") throw new Error("no such secret");
    return { value: new Secret(key), release: async () => undefined };
  },
});
beforeAll(async () => {
  buildOpa();
  served = buildBundle(estate, "r1");
  wasm = buildBundle(estate, "r1", "estate/verdict");
  opa = await startOpa("--bundle", served.file);
}, 900_000);
afterAll(async () => {
  await vetoes.close();
  await opa?.stop();
  served?.remove();
  wasm?.remove();
});

const http = (url: string, more: object = {}): VetoRule => ({
  kind: "opa-http",
  name: "estate",
  url,
  path: "estate/verdict",
  timeoutMs: 10_000,
  ...more,
});
const bundled = (more: object = {}): VetoRule => ({
  kind: "opa-wasm",
  name: "estate",
  bundle: wasm.file,
  digest: wasm.digest,
  entrypoint: "estate/verdict",
  timeoutMs: 10_000,
  ...more,
});

const ask = (rule: VetoRule, question: JsonObject = { args: { path: "a page" } }, depth = 0): Promise<VetoFact> =>
  vetoes.ask(rule, { question, questionDigest: "sha256:q", at: "2026-11-22T12:00:00.000Z", depth });

describe("the same Rego", () => {
  it("gives the same verdict by a running OPA and as WebAssembly, whatever is asked (MT-134)", async () => {
    const words = [
      "plans",
      "minutes",
      "waited",
      "watermark",
      "blood",
      "directors",
      "surprise",
      "",
      "ünïcode",
      "\u{1F512}",
    ];
    const questions: JsonObject[] = [
      ...words.flatMap((word) => words.map((other) => ({ args: { path: `${word} ${other}` } }))),
      {},
      { args: {} },
      { args: { path: 7 } },
      { args: { path: null } },
      { args: { path: ["plans"] } },
    ];
    const said = ({ effect, cures, obligations, reason, revision, fault }: VetoFact) => {
      return { effect, cures, obligations, reason, revision: fault === undefined ? revision : undefined, fault };
    };
    const seen = new Set<string>();
    for (const question of questions) {
      const served = said(await ask(http(opa.url), question));
      expect(said(await ask(bundled(), question)), JSON.stringify(question)).toEqual(served);
      seen.add(served.fault === undefined ? served.effect : "fault");
    }
    expect([...seen].sort()).toEqual(["allow", "deny", "fault", "require"]);
  });

  it("is not the same where the two differ: this comparison can fail", async () => {
    const other = buildBundle(starter, "r2", "countersign/veto/verdict");
    const theirs = await ask(
      bundled({ bundle: other.file, digest: other.digest, entrypoint: "countersign/veto/verdict" }),
      {
        args: { path: "plans" },
      },
    );
    const ours = await ask(http(opa.url), { args: { path: "plans" } });
    other.remove();
    expect(theirs.effect).not.toBe(ours.effect);
  });
});

describe("a bundle", () => {
  it("is used only where it is the file that the workspace names", async () => {
    const none = `sha256:${"0".repeat(64)}`;
    expect(await ask(bundled({ digest: none }))).toMatchObject({
      effect: "deny",
      fault: expect.stringContaining("another file"),
    });
    expect(await ask(bundled({ bundle: "nowhere.tar.gz" }))).toMatchObject({
      fault: "its bundle is not where the workspace says",
    });
    expect(await ask(bundled({ entrypoint: "estate/other" }))).toMatchObject({
      effect: "deny",
      fault: expect.any(String),
    });
  });

  it.each([
    ["no gzip", Buffer.from("plain text"), "no gzip file"],
    ["no policy in it", gzipSync(Buffer.alloc(1024)), "there is no `policy.wasm`"],
    ["cut short", gzipSync(readTar().subarray(0, 2000)), "cut short"],
    ["a bomb", gzipSync(Buffer.alloc(70 * 1024 * 1024)), "larger than 64 MiB"],
  ])("that is %s is a denial", async (_name, bytes, fault) => {
    const file = join(wasm.file, "../broken.tar.gz");
    writeFileSync(file, bytes);
    const { createHash } = await import("node:crypto");
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    expect(await ask(bundled({ bundle: file, digest }))).toMatchObject({
      effect: "deny",
      fault: expect.stringContaining(fault),
    });
  });

  it("has its instance replaced once that has grown, and is given no question that is too large", async () => {
    const open = openWasm(bundled() as VetoRule & { kind: "opa-wasm" }, root, systemClock);
    try {
      await open.ask({ args: { path: "a" } });
      const small = open.grownTo;
      await open.ask({ args: { path: "x".repeat(200_000) } });
      expect(open.grownTo).toBeGreaterThan(small);
      const many = { args: { path: "x", list: Array.from({ length: 60_000 }, (_, index) => index % 10) } };
      await open.ask(many);
      expect(open.grownTo).toBeLessThan(wasmBounds.mostPages * 65_536 + 1);
      await open.ask({ args: { path: "huge" } });
      const grown = open.grownTo;
      expect(grown).toBeGreaterThan(wasmBounds.replaceBytes);
      await open.ask({ args: { path: "a" } });
      expect(open.grownTo).toBeLessThan(grown);
      expect(await open.ask({ args: { path: "x".repeat(300_000) } })).toMatchObject({
        fault: expect.stringContaining("larger than"),
      });
    } finally {
      await open.close();
    }
  });
});

function readTar(): Buffer {
  return Buffer.concat([
    Buffer.from("policy.wasm".padEnd(124, "\0")),
    Buffer.from("00000100000\0"),
    Buffer.alloc(2000, "0"),
  ]);
}

describe("a decision point that lies or fails", () => {
  let fake: FakePdp;
  let answer: Parameters<typeof openFakePdp>[0];
  beforeAll(async () => {
    fake = await openFakePdp((path, body, response) => answer(path, body, response));
  });
  afterAll(() => fake?.close());
  const json =
    (text: string): typeof answer =>
    (_path, _body, response) =>
      void response.setHeader("content-type", "application/json").end(text);
  const status =
    (code: number, headers: Record<string, string> = {}): typeof answer =>
    (_path, _body, response) =>
      void response.writeHead(code, headers).end('{"result":true}');

  it.each<[string, typeof answer, string]>([
    ["answers with status 500", status(500), "it answered with status 500"],
    ["answers with status 404", status(404), "it answered with status 404"],
    ["answers with status 201", status(201), "it answered with status 201"],
    ["does not take our credential", status(401), "it did not take our credential"],
    ["sends us elsewhere", status(307, { location: "http://127.0.0.1:1/" }), "redirect"],
    ["answers with no JSON", json("result: true"), "not JSON"],
    ["answers with nothing", json(""), "not JSON"],
    ["says two things at once", json('{"result":false,"result":true}'), "not JSON"],
    ["answers with a list", json("[true]"), "no object"],
    ["leaves the rule undefined", json("{}"), "undefined"],
    ["answers null", json('{"result":null}'), "not of a form"],
    ["answers with a text", json('{"result":"allow"}'), "not of a form"],
    ["answers a number", json('{"result":1}'), "not of a form"],
    ["answers an object of another form", json('{"result":{"allow":true}}'), "not of a form"],
    ["requires nothing that it names", json('{"result":{"effect":"require"}}'), "does not say what"],
    [
      "wants eleven approvals",
      json('{"result":{"effect":"require","requirements":[{"kind":"approval","from":"a","count":11}]}}'),
      "not of a form",
    ],
    [
      "answers with a megabyte",
      json(`{"result":{"effect":"allow","reason":"${"x".repeat(1_000_000)}"}}`),
      "larger than",
    ],
    ["nests without end", json(`{"result":${"[".repeat(5000)}${"]".repeat(5000)}}`), "not JSON"],
    ["answers never", () => undefined, "no answer within"],
    [
      "answers a byte at a time",
      (_path, _body, response) => {
        const timer = setInterval(() => response.write(" "), 20);
        response.once("close", () => clearInterval(timer));
      },
      "no answer within",
    ],
    ["hangs up", (_path, _body, response) => void response.destroy(), "no connection, or it broke"],
    [
      "sends endless zeros, compressed",
      (_path, _body, response) => void response.setHeader("content-encoding", "gzip").end(zeros),
      "larger than",
    ],
  ])("and %s is a denial", async (_name, how, fault) => {
    answer = how;
    const fact = await ask(http(fake.url, { timeoutMs: fault === "no answer within" ? 200 : 10_000 }));
    expect(fact).toMatchObject({ effect: "deny", cures: [], obligations: [] });
    expect(fact.fault).toContain(fault);
  });

  it("and cannot be reached is a denial", async () => {
    expect(await ask(http("http://127.0.0.1:1"))).toMatchObject({
      effect: "deny",
      fault: "no connection, or it broke",
    });
  });

  it("gets its own credential, and no answer, fault or fact repeats it", async () => {
    answer = (_path, _body, response) => void response.writeHead(500).end(key);
    const facts = [await ask(http(fake.url, { credential: "opa/key" }))];
    expect(fake.asked.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
    const before = fake.asked.length;
    facts.push(await ask(http(fake.url, { credential: "no/key" })));
    expect(fake.asked.length).toBe(before);
    expect(facts[1]?.fault).toContain("secret store");
    expect(JSON.stringify(facts)).not.toContain(key);
  });

  it("says its reason in one line of ordinary characters", async () => {
    answer = json(JSON.stringify({ result: { effect: "deny", reason: `a\u202Eb\n\u0000c${"d".repeat(900)}` } }));
    const { reason = "" } = await ask(http(fake.url));
    expect(reason).toMatch(/^a b cd+…$/);
    expect(reason.length).toBeLessThanOrEqual(300);
  });

  it("and asks us in turn, without telling, is ended by how many questions may be under way", async () => {
    let most = 0;
    let now = 0;
    answer = (_path, body, response) => {
      now++;
      most = Math.max(most, now);
      void ask(http(fake.url), JSON.parse(body).input).then((fact) => {
        now--;
        response.end(JSON.stringify({ result: fact.effect === "allow" }));
      });
    };
    expect((await ask(http(fake.url))).effect).toBe("deny");
    expect(most).toBe(mostUnderWay);
  });

  it("and asks us in turn, and says so, is ended by how deep the question is", async () => {
    const asked = fake.asked.length;
    answer = (_path, body, response) => {
      const depth = Number(fake.asked.at(-1)?.headers["countersign-depth"]);
      void ask(http(fake.url), JSON.parse(body).input, depth).then((fact) =>
        response.end(JSON.stringify({ result: { effect: fact.effect, reason: fact.fault ?? fact.reason ?? "" } })),
      );
    };
    const fact = await ask(http(fake.url));
    expect(fact).toMatchObject({
      effect: "deny",
      reason: "this question came through 3 decision points, as in a loop",
    });
    expect(fake.asked.length - asked).toBe(3);
  });

  it.each<[string, object, Partial<VetoFact>]>([
    ["true", { decision: true }, { effect: "allow" }],
    ["false", { decision: false, context: { reason: "no" } }, { effect: "deny", reason: "no" }],
    ["a denial that could be appealed", { decision: false, context: { access_request: {} } }, { effect: "deny" }],
    ["no decision", { allow: true }, { effect: "deny", fault: "its answer has no `decision`" }],
    ["a decision that is no boolean", { decision: "true" }, { effect: "deny", fault: "its answer has no `decision`" }],
    [
      "an obligation",
      { decision: true, context: { obligations: [{ type: "step-up", id: "o1", acr_value: "x" }] } },
      { effect: "allow", obligations: [{ kind: "step-up", properties: { acr_value: "x" } }] },
    ],
    ["obligations of no form", { decision: true, context: { obligations: "all" } }, { effect: "deny" }],
  ])("by AuthZEN: %s", async (_name, said, expected) => {
    answer = json(JSON.stringify(said));
    const rule: VetoRule = { kind: "authzen", name: "pdp", url: fake.url, timeoutMs: 10_000 };
    const question = { principal: { agent: "scribe", tier: 2 }, action: { tool: "files.read" }, args: { path: "a" } };
    expect(await ask(rule, question)).toMatchObject(expected);
    expect(fake.asked.at(-1)?.path).toBe("/access/v1/evaluation");
    expect(JSON.parse(fake.asked.at(-1)?.body ?? "")).toMatchObject({
      subject: { type: "agent", id: "scribe", properties: { tier: 2 } },
      action: { name: "tools/call" },
      resource: { type: "tool", id: "files.read" },
      context: { arguments: { path: "a" } },
    });
  });
});

describe("the starter package", () => {
  const run = (...args: string[]) => execFileSync(buildOpa(), args, { cwd: starter, encoding: "utf8", stdio: "pipe" });

  it("comes with the schema that is current", () => {
    const published: unknown = JSON.parse(readFileSync(join(starter, "schemas/input.json"), "utf8"));
    expect(published, "run `node scripts/write-rego.ts`").toEqual(JSON.parse(regoInputSchema()));
  });

  it("type-checks against it, and passes its own tests", () => {
    expect(run("check", "--schema", "schemas", "countersign")).toBe("");
    expect(run("test", "countersign")).toContain("PASS: 3/3");
    expect(run("fmt", "--list", "countersign")).toBe("");
  });

  it("does not type-check with a name that the document does not have", () => {
    const rules = readFileSync(join(starter, "countersign/rules.rego"), "utf8");
    const file = join(wasm.file, "../rules.rego");
    for (const slip of ["input.action.verv", "input.resource.enviroment.production", "input.facts.signal"]) {
      writeFileSync(file, rules.replace("input.action.verb", slip));
      expect(() => run("check", "--schema", "schemas", file), slip).toThrow(/undefined ref/);
    }
  });
});
