import { beforeEach, describe, expect, it } from "vitest";
import { cedarSchema, toolAction } from "./cedar-schema.ts";
import type { ParseReport } from "./parse.ts";
import { forgetParsed, parseKnown } from "./parse-known.ts";
import type { CedarText } from "./policy.ts";

const names = { windows: [], steps: [], zones: ["UTC"] };
const tools = { "a.b": { n: { kind: "long" } }, "a.c": { s: { kind: "string" } } } as const;
const text = (file: string, of: string, source: CedarText["source"] = "own"): CedarText => ({ source, file, text: of });
const about = (tool: string) =>
  text(tool, `@id("p-${tool.replace(".", "-")}") forbid (principal, action == Action::"${tool}", resource);`);
const any = text("any", '@id("any") forbid (principal, action, resource) when { context.facts.stopped };');
const verb = text("verb", '@id("verb") forbid (principal, action in Action::"read", resource);');
const all = [about("a.b"), about("a.c"), any, verb];
const schema = cedarSchema(tools, names);

/** Of the texts, those of which the second report has the very policies of the first: they were not parsed again. */
function kept(first: ParseReport, second: ParseReport): readonly string[] {
  return second.policies.filter((policy) => first.policies.includes(policy)).map(({ file }) => file);
}

beforeEach(forgetParsed);

describe("a text that was found valid", () => {
  it("is not parsed again, wherever it stands among others", async () => {
    const first = await parseKnown({ texts: all, schema });
    expect(first.policies.map(({ file, source }) => [file, source])).toEqual(all.map(({ file }) => [file, "own"]));
    expect([first.faults, first.warnings]).toEqual([[], []]);
    const second = await parseKnown({ texts: all.toReversed(), schema });
    expect(kept(first, second)).toEqual(["verb", "any", "a.c", "a.b"]);
    const more = await parseKnown({
      texts: [about("a.b"), { ...any, file: "other" }, { ...verb, source: "shipped" }, about("a.c")],
      schema,
    });
    expect(more.policies.map(({ file, source }) => [file, source])).toEqual([
      ["a.b", "own"],
      ["other", "own"],
      ["verb", "shipped"],
      ["a.c", "own"],
    ]);
    expect(kept(first, more)).toEqual(["a.b", "a.c"]);
  });

  it("is not parsed again where drafts and what is in force are read in turns, each under its own schema", async () => {
    const absentTool = toolAction({}, names);
    const draft = await parseKnown({ texts: all, schema });
    const inForce = await parseKnown({ texts: all, schema, absentTool });
    // A tool that is away is something only to what can match any tool.
    expect(kept(draft, inForce)).toEqual(["a.b", "a.c"]);
    const everyOne = all.map(({ file }) => file);
    expect(kept(draft, await parseKnown({ texts: all, schema }))).toEqual(everyOne);
    expect(kept(inForce, await parseKnown({ texts: all, schema, absentTool }))).toEqual(everyOne);
    for (const more of "defghijk")
      await parseKnown({ texts: [any], schema: cedarSchema({ ...tools, [`a.${more}`]: {} }, names) });
    // No more than a few are kept: what changes all the time would stay for good.
    expect(kept(draft, await parseKnown({ texts: [any], schema }))).toEqual([]);
  });

  it("is parsed again where the schema says another thing of what it can match", async () => {
    const first = await parseKnown({ texts: all, schema });
    const other = cedarSchema({ ...tools, "a.c": { s: { kind: "long" } } }, names);
    expect(kept(first, await parseKnown({ texts: all, schema: other }))).toEqual(["a.b"]);
    forgetParsed();
    const again = await parseKnown({ texts: all, schema });
    const more = cedarSchema({ ...tools, "a.d": {} }, names);
    expect(kept(again, await parseKnown({ texts: all, schema: more }))).toEqual(["a.b", "a.c"]);
  });

  it("is parsed again where its types are others, or what is said of tools that are away", async () => {
    const texts = [about("a.b")];
    const first = await parseKnown({ texts, schema });
    const [empty = { entityTypes: {}, actions: {} }] = Object.values(schema);
    const typed = { "": { ...empty, entityTypes: { ...empty.entityTypes, Extra: {} } } };
    expect(kept(first, await parseKnown({ texts, schema: typed }))).toEqual([]);
    forgetParsed();
    const away = [verb, about("a.z")];
    const asked = (of: Parameters<typeof toolAction>[0]) =>
      parseKnown({ texts: away, schema, absentTool: toolAction(of, names) });
    const third = await asked({});
    expect(kept(third, await asked({}))).toEqual(["verb", "a.z"]);
    expect(kept(third, await asked({ n: { kind: "long" } }))).toEqual([]);
  });

  it("is kept beside no text that has a fault, and faults and warnings name their own file", async () => {
    const never = text("never", '@id("never") forbid (principal, action == Action::"a.b", resource) when { false };');
    const wrong = text("wrong", '@id("wrong") forbid (principal, action == Action::"a.x", resource);');
    const first = await parseKnown({ texts: [about("a.b"), wrong, never], schema });
    expect(first.faults.map(({ file, policy }) => [file, policy])).toEqual([["wrong", "wrong"]]);
    expect(first.warnings.map(({ file }) => file)).toContain("never");
    const second = await parseKnown({ texts: [about("a.b"), never], schema });
    expect(kept(first, second)).toEqual([]);
    expect(second.warnings.map(({ file }) => file)).toEqual(["never"]);
    const third = await parseKnown({ texts: [never, about("a.b")], schema });
    expect(kept(second, third)).toEqual(["never", "a.b"]);
    expect(third.warnings).toEqual(second.warnings);
    expect(await parseKnown({ texts: [], schema })).toEqual({ policies: [], faults: [], warnings: [] });
  });

  it("is told of with a fault that is no text's own", async () => {
    const deep = text(
      "deep",
      `@id("deep") forbid (principal, action, resource) when { ${"(".repeat(4_000)}true${")".repeat(4_000)} };`,
    );
    const { faults } = await parseKnown({ texts: [deep], schema });
    expect(faults.map(({ file }) => file)).toEqual(["deep"]);
    const broken = { "": { entityTypes: {}, actions: { "a.b": { memberOf: [{ id: "gone" }] } } } } as never;
    const report = await parseKnown({ texts: [about("a.b")], schema: broken });
    expect(report.faults.map(({ file }) => file)).toEqual(["schema"]);
  });
});

it("many texts are parsed in portions, and come in their order", async () => {
  const many = Array.from({ length: 201 }, (_, at) =>
    text(`p${at}`, `@id("p${at}") forbid (principal, action == Action::"a.b", resource);`),
  );
  const texts = [
    ...many.slice(0, 100),
    text("shipped", '@id("s") forbid (principal, action == Action::"a.c", resource);', "shipped"),
    ...many.slice(100),
  ];
  const first = await parseKnown({ texts, schema });
  expect(first.policies.map(({ file }) => file)).toEqual(texts.map(({ file }) => file));
  expect(kept(first, await parseKnown({ texts, schema }))).toHaveLength(202);
});
