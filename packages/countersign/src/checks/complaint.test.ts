import type { Json, JsonObject } from "@countersign/contract";
import { expect, it } from "vitest";
import { complaint } from "./complaint.ts";
import { createSchemaCheck } from "./schema.ts";

const check = createSchemaCheck();

const schema: JsonObject = {
  type: "object",
  properties: {
    path: { type: "string", minLength: 2 },
    count: { type: ["integer", "null"], maximum: 5 },
    mode: { enum: ["fast", "slow"] },
    at: { type: "string", format: "date" },
    inner: { type: "object", properties: { "a/b": { type: "boolean" } }, required: ["a/b"] },
    odd: { not: {} },
  },
  required: ["path"],
  additionalProperties: false,
};

async function said(value: Json): Promise<string> {
  const input = {
    stage: "arguments",
    server: "s",
    tool: "t",
    value,
    digest: "sha256:0",
    at: "2026-11-22T00:00:00.000Z",
  };
  const { evidence } = await check.run({ ...input, stage: "arguments", schema });
  return evidence.map(complaint).join(", ");
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
