import { randomBytes } from "node:crypto";
import type { Json, JsonObject } from "@countersign/contract";
import { expect, it } from "vitest";
import { Secret } from "../floor/secret.ts";
import { complaint } from "./complaint.ts";
import { createSchemaCheck } from "./schema.ts";
import { createScreen } from "./secrets.ts";

const slashed = "Kx7/qR9w~T3/zM5pLq";
const long = randomBytes(82).toString("hex");
const screen = createScreen({
  known: { revision: 1, values: () => [new Secret(slashed), new Secret(long)] },
});
const check = createSchemaCheck(screen);

const schema: JsonObject = {
  type: "object",
  properties: {
    path: { type: "string", minLength: 2 },
    count: { type: ["integer", "null"], maximum: 5 },
    mode: { enum: ["fast", "slow"] },
    at: { type: "string", format: "date" },
    inner: { type: "object", properties: { "a/b": { type: "boolean" } }, required: ["a/b"] },
    odd: { not: {} },
    password: { type: "object", additionalProperties: false },
    table: { type: "object", additionalProperties: { type: "object", additionalProperties: false } },
  },
  required: ["path"],
  additionalProperties: false,
};

async function evidenceOf(value: Json) {
  const input = {
    stage: "arguments",
    server: "s",
    tool: "t",
    value,
    digest: "sha256:0",
    at: "2026-11-22T00:00:00.000Z",
  };
  return (await check.run({ ...input, stage: "arguments", schema })).evidence;
}

async function said(value: Json): Promise<string> {
  return (await evidenceOf(value)).map((one) => complaint(one, screen.redact)).join(", ");
}

it.each<[Json, string]>([
  [{}, "`path` is missing (schema-required at `/path`)"],
  [{ path: "ab", contents: "hunter2" }, "`contents` is not known here (schema-additionalProperties at `/contents`)"],
  [{ path: 4711 }, "`path` must be of type string (schema-type at `/path`)"],
  [{ path: "ab", count: "hunter2" }, "`count` must be of type integer or null (schema-type at `/count`)"],
  [{ path: "ab", count: 4711 }, "`count` must be <= 5 (schema-maximum at `/count`)"],
  [{ path: "x" }, "`path` must have at least 2 characters (schema-minLength at `/path`)"],
  [{ path: "ab", mode: "hunter2" }, '`mode` must be "fast" or "slow" (schema-enum at `/mode`)'],
  [{ path: "ab", at: "hunter2" }, "`at` must have the format date (schema-format at `/at`)"],
  [{ path: "ab", inner: {} }, "`/inner/a~1b` is missing (schema-required at `/inner/a~1b`)"],
  [{ path: "ab", odd: "hunter2" }, "schema-not at `/odd`"],
])("names what is wrong with %j, and never the value", async (value, expected) => {
  const sentence = await said(value);
  expect(sentence).toBe(expected);
  expect(sentence).not.toMatch(/hunter2|4711/);
});

it("writes out what hides in a name, and keeps it short", async () => {
  const sentence = await said({ path: "ab", ["\u202e".concat("x".repeat(500))]: 1 });
  expect(sentence).toContain("`⟨U+202E⟩xxx");
  expect(sentence.split("` is not known")[0]?.length).toBeLessThan(110);
});

const scrambled = ["Xk3vQ8", "mT2rZ6", "wB9nH4", "cL7j"].join("");
const token = `ghp_${randomBytes(18).toString("hex")}`;

it.each<[string, Json, string]>([
  ["a token as a name", { path: "ab", [token]: 1 }, token],
  ["a known value with slashes as a name", { path: "ab", [slashed]: 1 }, slashed],
  ["a known value of 164 characters as a name", { path: "ab", [long]: 1 }, long],
  ["a token behind more characters than are told", { path: "ab", ["n".repeat(90) + long]: 1 }, long],
  ["a token on the way to the fault", { path: "ab", table: { [token]: 7 } }, token],
  ["a known value on the way to the fault", { path: "ab", table: { [slashed]: { a: 1 } } }, slashed],
  ["a password as the only name in its field", { path: "ab", password: { [scrambled]: true } }, scrambled],
])("tells nothing of %s, neither in the evidence nor in the sentence", async (_, value, secret) => {
  const evidence = await evidenceOf(value);
  expect(evidence).toHaveLength(1);
  const escaped = secret.replaceAll("~", "~0").replaceAll("/", "~1");
  for (const told of [JSON.stringify(evidence), await said(value)]) {
    for (const form of [secret, escaped, secret.slice(0, 12), escaped.slice(0, 12)]) expect(told).not.toContain(form);
    expect(told).toContain("[redacted: ");
  }
});

it("screens the pointer of whichever check gave it, also one that begins with a word", () => {
  const escaped = slashed.replaceAll("~", "~0").replaceAll("/", "~1");
  const sentence = complaint({ pointer: `params/0/${escaped}/a~1b`, rule: "custom" }, screen.redact);
  expect(sentence).toBe("custom at `params/0/[redacted: known-value]/a~1b`");
});

it("keeps a pointer short, on one line and free of what steers a terminal", async () => {
  const [fault] = await evidenceOf({ path: "ab", "a\r\nb\tc\u001b[31md": 1 });
  expect(fault?.pointer).toBe("/a⟨U+000D⟩⟨U+000A⟩b⟨U+0009⟩c⟨U+001B⟩[31md");
  const [far] = await evidenceOf({ path: "ab", [`${"~ab/".repeat(60)}`]: 1 });
  expect(far?.pointer.length).toBeLessThanOrEqual(200);
  expect(far?.pointer).toMatch(/^\/~0ab~1.*[^~]\u2026$/);
  const [whole] = await evidenceOf({ path: "ab", ["q9".repeat(50_000)]: 1 });
  expect(whole?.pointer).toBe("/[not told: 100001 characters]");
});
