import type { Json, JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { createSchemaCheck } from "./schema.ts";
import { createScreen } from "./secrets.ts";

const screen = createScreen();
const check = createSchemaCheck(screen);

async function verdictOf(schema: JsonObject | undefined, value: Json, stage: "arguments" | "result" = "arguments") {
  const input = { stage, server: "s", tool: "t", value, digest: "sha256:0", at: "2026-11-22T00:00:00.000Z" } as const;
  const fact = await check.run(schema === undefined ? input : { ...input, schema });
  return { verdict: fact.verdict, rules: fact.evidence.map((evidence) => `${evidence.rule}@${evidence.pointer}`) };
}

const draft7 = "http://json-schema.org/draft-07/schema#";

describe("schema", () => {
  it("passes what fits and says where it does not, without the value", async () => {
    const schema = {
      type: "object",
      properties: { n: { type: "integer" }, mail: { type: "string", format: "email" } },
      required: ["n"],
      additionalProperties: false,
    };
    expect(await verdictOf(schema, { n: 1, mail: "ana@acme.example" })).toEqual({ verdict: "pass", rules: [] });
    expect(await verdictOf(schema, { n: "hunter2", mail: "ana@acme.example" })).toEqual({
      verdict: "fail",
      rules: ["schema-type@/n"],
    });
    expect((await verdictOf(schema, { n: 1, mail: "no" })).rules).toEqual(["schema-format@/mail"]);
    expect((await verdictOf(schema, { n: 1, more: 2 })).rules).toEqual(["schema-additionalProperties@/more"]);
    expect((await verdictOf(schema, {})).rules).toEqual(["schema-required@/n"]);
  });

  it("a structured result of the wrong type is a failed check", async () => {
    const schema = { type: "object", properties: { count: { type: "number" } }, required: ["count"] };
    expect((await verdictOf(schema, { content: [], structuredContent: { count: 3 } }, "result")).verdict).toBe("pass");
    expect(await verdictOf(schema, { content: [], structuredContent: { count: "3" } }, "result")).toEqual({
      verdict: "fail",
      rules: ["schema-type@/structuredContent/count"],
    });
  });

  it("reads each dialect by its own rules", async () => {
    const tuple = (dialect?: string) => ({
      ...(dialect === undefined ? {} : { $schema: dialect }),
      type: "array",
      items: [{ type: "string" }],
      additionalItems: false,
    });
    expect((await verdictOf(tuple(draft7), ["a", "b"])).verdict).toBe("fail");
    expect((await verdictOf(tuple(draft7), ["a"])).verdict).toBe("pass");
    const prefix = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "array",
      prefixItems: [{ type: "string" }],
      items: false,
    };
    expect((await verdictOf(prefix, ["a", 1])).verdict).toBe("fail");
    expect((await verdictOf(prefix, ["a"])).verdict).toBe("pass");
    const local = { $defs: { name: { type: "string" } }, properties: { a: { $ref: "#/$defs/name" } } };
    expect((await verdictOf(local, { a: 1 })).verdict).toBe("fail");
    expect((await verdictOf({ ...local, $id: "https://tool.example/x" }, { a: "x" })).verdict).toBe("pass");
  });

  it("takes foreign schemas as they are: unknown keywords and formats, unusual escapes", async () => {
    expect(
      (
        await verdictOf(
          {
            type: "object",
            "x-order": 1,
            properties: { a: { type: "string", format: "color", pattern: "^[\\w\\-]+$" } },
          },
          { a: "a-b" },
        )
      ).verdict,
    ).toBe("pass");
    expect((await verdictOf({ properties: { a: { enum: [{ $ref: "https://x.example" }] } } }, { a: 1 })).verdict).toBe(
      "fail",
    );
    expect((await verdictOf({ properties: { $ref: { type: "string" } } }, { $ref: "x" })).verdict).toBe("pass");
    expect(
      (
        await verdictOf({ type: "array", uniqueItems: true }, [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ])
      ).verdict,
    ).toBe("fail");
    expect((await verdictOf({ type: "array", uniqueItems: true }, [1, "1", [1], { 1: 1 }])).verdict).toBe("pass");
  });

  it("refuses with an error, never a pass, what it cannot judge", async () => {
    expect(await verdictOf(undefined, {})).toEqual({ verdict: "error", rules: ["schema-absent@"] });
    expect(await verdictOf({ $ref: "https://evil.example/schema.json" }, {})).toEqual({
      verdict: "error",
      rules: ["schema-remote-reference@"],
    });
    expect((await verdictOf({ $ref: "#/$defs/none" }, {})).verdict).toBe("error");
    expect((await verdictOf({ type: "nonsense" }, {})).verdict).toBe("error");
    expect((await verdictOf({ $ref: "#" }, {})).verdict).toBe("error");
    expect((await verdictOf({ pattern: "(?=a)b(a+)+$" }, "a")).rules).toEqual(["schema-pattern-refused@"]);
    expect((await verdictOf({ pattern: "(" }, "a")).rules).toEqual(["schema-pattern-refused@"]);
    let deep: JsonObject = { type: "string" };
    for (let i = 0; i < 100; i++) deep = { properties: { a: deep } };
    expect((await verdictOf(deep, {})).rules).toEqual(["schema-too-deep@"]);
    expect((await verdictOf({ enum: Array.from({ length: 5 }, () => "x".repeat(60_000)) }, "y")).verdict).toBe("fail");
    expect((await verdictOf({ description: "x".repeat(300_000) }, "y")).rules).toEqual(["schema-too-large@"]);
    expect((await verdictOf(JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'), {})).rules).toEqual([
      "schema-hostile@",
    ]);
  });

  it("stays quick on schemas made to hang a validator", async () => {
    const started = performance.now();
    const evil = "a".repeat(50_000);
    for (const pattern of [
      "^(a+)+$",
      "^(a|a)*$",
      "^(a|aa)+$",
      "^(.*a){12}$",
      "a*a*a*a*b",
      "(x+x+)+y",
      "^([a-z0-9]+-?)*!$",
    ]) {
      expect(["fail", "error"]).toContain((await verdictOf({ pattern }, `${evil}!!`)).verdict);
    }
    const twice = (to: string) => ({ allOf: [{ $ref: `#/$defs/${to}` }, { $ref: `#/$defs/${to}` }] });
    const $defs: Record<string, JsonObject> = { a40: { type: "object" } };
    for (let i = 0; i < 40; i++) $defs[`a${i}`] = twice(`a${i + 1}`);
    expect((await verdictOf({ $ref: "#/$defs/a0", $defs }, {})).rules).toEqual(["schema-too-costly@"]);
    const both = {
      $ref: "#/$defs/n",
      $defs: {
        n: { allOf: [{ properties: { c: { $ref: "#/$defs/n" } } }, { properties: { c: { $ref: "#/$defs/n" } } }] },
      },
    };
    let nest: Json = {};
    for (let i = 0; i < 40; i++) nest = { c: nest };
    expect((await verdictOf(both, nest)).rules).toEqual(["schema-too-costly@"]);
    expect((await verdictOf({ format: "url" }, "http://a.".repeat(100_000))).verdict).toBe("fail");
    expect(
      (
        await verdictOf(
          { uniqueItems: true },
          Array.from({ length: 20_000 }, (_, i) => ({ i })),
        )
      ).verdict,
    ).toBe("pass");
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it("keeps compiled schemas apart", async () => {
    for (let i = 0; i < 600; i++)
      expect((await verdictOf({ $id: "https://same.example/id", const: i }, i)).verdict).toBe("pass");
    expect((await verdictOf({ $id: "https://same.example/id", const: 3 }, 4)).verdict).toBe("fail");
  });
});
