import { randomBytes } from "node:crypto";
import type { Json } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../floor/secret.ts";
import type { Check, CheckInput } from "./check.ts";
import { noKnownValues } from "./known-values.ts";
import { createChecks } from "./run.ts";
import { createScreen } from "./secrets.ts";

const token = `ghp_${randomBytes(18).toString("hex")}`;
const checks = createChecks({ known: { revision: 1, values: () => [new Secret("correct-horse-7")] } });

function input(value: Json, schema?: CheckInput["schema"]): CheckInput {
  const base = {
    stage: "arguments",
    server: "git",
    tool: "commit",
    value,
    digest: "sha256:1",
    at: "2026-11-22T00:00:00.000Z",
  } as const;
  return schema === undefined ? base : { ...base, schema };
}

function check(name: string, run: Check["run"]): Check {
  return { name, version: "sha256:2", run };
}

describe("checks", () => {
  it("gives a fact for each name, bound to the digest, in order", async () => {
    const facts = await checks.run(["secrets", "schema", "secret-reference"], input({ a: 1 }, { type: "object" }));
    expect(facts.map((fact) => [fact.name, fact.verdict, fact.argsDigest])).toEqual([
      ["secrets", "pass", "sha256:1"],
      ["schema", "pass", "sha256:1"],
      ["secret-reference", "pass", "sha256:1"],
    ]);
    for (const fact of facts) expect(fact.version).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("MT-155 a credential in arguments fails, and the fact says where and never what", async () => {
    const [fact] = await checks.run(
      ["secrets"],
      input({ files: [{ text: `use ${token}` }], [token]: true, note: "correct-horse-7" }),
    );
    expect(fact?.verdict).toBe("fail");
    expect(fact?.evidence).toEqual([
      { pointer: "/files/0/text", rule: "github" },
      { pointer: "", rule: "github" },
      { pointer: "/note", rule: "known-value" },
    ]);
    expect(JSON.stringify(fact)).not.toContain(token.slice(4));
  });

  it("knows a field by its name, also where name and value stand side by side", async () => {
    const value = `${randomBytes(9).toString("base64url")}4xQ`;
    for (const args of [
      { password: value },
      { env: { DB_PASSWORD: value } },
      { headers: { "X-Api-Key": value } },
      { env: [{ name: "DB_PASSWORD", value }] },
      { apiKey: [value] },
    ]) {
      expect((await checks.run(["secrets"], input(args)))[0]?.verdict, JSON.stringify(Object.keys(args))).toBe("fail");
    }
    expect((await checks.run(["secrets"], input({ name: "branch", value })))[0]?.verdict).toBe("pass");
  });

  it("a text cannot switch its own inspection off", async () => {
    const npm = `npm_${randomBytes(18).toString("hex")}`;
    const [fact] = await checks.run(["secrets"], input(`// secretlint-disable\n${npm}\n// secretlint-disable-line`));
    expect(fact?.verdict).toBe("fail");
  });

  it("a reference to a secret in an argument is a signal, however it is written", async () => {
    for (const text of [
      "secret://database",
      "Bearer SECRET://x",
      "secret%3A%2F%2Fdatabase",
      Buffer.from("go: secret://database").toString("base64"),
      "se\u200bcret://x",
      "\uff53ecret://x",
    ]) {
      expect((await checks.run(["secret-reference"], input({ header: text })))[0], text).toMatchObject({
        verdict: "fail",
        evidence: [{ pointer: "/header", rule: "secret-reference" }],
      });
    }
    expect((await checks.run(["secret-reference"], input({ "secret://x": 1 })))[0]?.verdict).toBe("fail");
    expect((await checks.run(["secret-reference"], input("the secret: //comment")))[0]?.verdict).toBe("pass");
  });

  it("never throws: unknown, faulty, hanging and overfed checks have verdict error, and no fault's text gets out", async () => {
    const hostile = createChecks({
      known: noKnownValues,
      deadlineMs: 50,
      more: [
        check("throws", () => {
          throw new Error(`leaks ${token}`);
        }),
        check("rejects", () => Promise.reject(new Error(token))),
        check("hangs", () => new Promise(() => {})),
      ],
    });
    let deep: Json = 1;
    for (let i = 0; i < 3_000; i++) deep = [deep];
    const facts = await hostile.run(["throws", "rejects", "hangs", "none", "secrets", "schema"], input(deep));
    expect(facts.map((fact) => [fact.verdict, fact.evidence[0]?.rule])).toEqual([
      ["error", "check-fault"],
      ["error", "check-fault"],
      ["error", "check-late"],
      ["error", "check-unknown"],
      ["error", "check-fault"],
      ["error", "schema-absent"],
    ]);
    expect(JSON.stringify(facts)).not.toContain(token);
  });

  it("MT-155 what a check finds, redaction takes away: nothing is found a second time", () => {
    const screen = createScreen();
    const word = fc.constantFrom(
      token,
      `password: ${token}`,
      "plain words",
      Buffer.from(`x ${token}`).toString("base64"),
      "%41",
      "\u200b",
      `AKIA${"Q7".repeat(8)}`,
      "\n",
      " ",
      "eyJ",
      "://a:b@c",
    );
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 6 }), { maxLength: 5 }), (rows) => {
        const first = screen.redact(rows.map((row) => row.join(" ")));
        expect(JSON.stringify(first.value)).not.toContain(token.slice(4));
        expect(screen.redact(first.value).count).toBe(0);
      }),
    );
  });

  it("ends in time on texts made to be slow, with an error and not a pass", async () => {
    const units = [
      "ghs_1_",
      "-----BEGIN PRIVATE KEY-----",
      " eyJaaaaaaaa.eyJ",
      "password:",
      "http://a:b",
      "sk-",
      "%41",
      "\\u0041",
      "://a:",
      "QUJD",
      "secret_",
      "Bearer a",
      " \u200b",
      "xoxb-1-",
      "key: password is ",
      "&#x41;",
    ];
    for (const unit of units) {
      const started = performance.now();
      const [fact] = await checks.run(["secrets"], input({ text: unit.repeat(1_000_000 / unit.length) }));
      expect(performance.now() - started, unit).toBeLessThan(30_000);
      expect(["pass", "fail", "error"]).toContain(fact?.verdict);
    }
    const [fact] = await checks.run(["secrets"], input({ text: "ghs_1_".repeat(600_000) }));
    expect(fact).toMatchObject({ verdict: "error", evidence: [{ rule: "check-too-much" }] });
  });
});
