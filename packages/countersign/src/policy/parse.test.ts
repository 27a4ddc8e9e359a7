import { beforeAll, describe, expect, it, vi } from "vitest";
import { cedarSchema } from "./cedar-schema.ts";
import { type ParseReport, parse } from "./parse.ts";
import type { CedarText } from "./policy.ts";

const own = (file: string, text: string): CedarText => ({ source: "own", file, text });
const all = "(principal, action, resource)";
const cure = '@cure("approval") @from("sre") @count("1") @open("4h") @valid("1h") @exclude("requester")';
const deep = (depth: number) => `${"!(".repeat(depth)}true${")".repeat(depth)}`;

describe("texts of policies", () => {
  let report: ParseReport;
  beforeAll(async () => {
    report = await parse({
      texts: [
        own("two", `// ä😀 is two, and eight bytes\n@id("a") forbid ${all};\n\n  @id("b")\n  permit ${all};`),
        own("broken", `@id("ä😀") forbid ${all};\n  forbid (principal, action) ;`),
        own("slots", `@id("c") forbid ${all};\nforbid (principal == ?principal, action, resource);`),
        own("number", `\n @id("d") forbid ${all} when { context.n > 9007199254740993 };`),
        own("deep", `@id("e") forbid ${all} when { ${deep(110)} };`),
      ],
    });
  });

  it("are policies, each with its text, its syntax and where it begins", () => {
    const told = report.policies.map(({ file, line, column, offset, text }) => [
      file,
      line,
      column,
      offset,
      text.slice(0, 8),
    ]);
    expect(told).toEqual([
      ["two", 2, 1, 31, '@id("a")'],
      ["two", 4, 3, 81, '@id("b")'],
      ["slots", 1, 1, 0, '@id("c")'],
    ]);
    expect(report.policies[1]?.syntax).toMatchObject({ effect: "permit", annotations: { id: "b" } });
    expect(report.policies.every(({ source }) => source === "own")).toBe(true);
    expect(report.warnings).toEqual([]);
  });

  it("have faults, each at its place, with what to write", () => {
    expect(report.faults).toEqual([
      expect.objectContaining({ file: "broken", line: 2, column: 28 }),
      { file: "slots", line: 2, column: 1, detail: "a policy has no slots" },
      {
        file: "number",
        line: 2,
        column: 2,
        detail: expect.stringMatching(/^a number near `9007199254740992` is beyond 2\^53 and would be altered$/),
        help: "write a number that fits, or compare in another unit",
      },
      {
        file: "deep",
        line: 1,
        column: 1,
        detail: "the policy is nested too deeply",
        help: "write each condition as a `when` clause of its own, or as a policy of its own",
      },
    ]);
  });

  it("whose cures do not cure are told too, where they can be read at all", async () => {
    const help = (id: string) => `end the policy with \`unless { context.facts.cured.contains("${id}") }\``;
    const { policies, faults } = await parse({
      texts: [
        own("cured", `@id("f") ${cure} forbid ${all} unless { context.facts.cured.contains("f") };`),
        own("uncured", `@id("g") ${cure} forbid ${all} unless { context.facts.cured.contains("f") };`),
        own(
          "twice",
          `@id("h") ${cure} forbid ${all}\nunless { context.facts.cured.contains("h") } unless { context.facts.cured.contains("h") };`,
        ),
      ],
    });
    expect(policies).toHaveLength(3);
    expect(faults).toEqual([
      { file: "uncured", line: 1, column: 1, policy: "g", detail: "the cure of `g` does not cure it", help: help("g") },
      { file: "twice", line: 1, column: 1, policy: "h", detail: "the cure of `h` does not cure it", help: help("h") },
    ]);
  });

  it("that are longer than a policy needs are not read at all", async () => {
    const long = await parse({ texts: [own("a", ""), own("long", " ".repeat(1_048_577))] });
    expect(long).toEqual({
      policies: [],
      faults: [{ file: "long", detail: "the file is longer than 1 MiB of policies" }],
      warnings: [],
    });
    const fits = await parse({ texts: [own("long", " ".repeat(1_048_576))] });
    expect(fits.faults).toEqual([]);
  });
});

describe("texts that are not parsed within a minute", () => {
  const fine = (file: string, id = file) => own(file, `@id("${id}") forbid ${all};`);
  const detail = "the policies cannot be parsed within bounds; look for very deep nesting";
  const parsedAfter = async (ms: number, ...texts: readonly CedarText[]) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const report = parse({ texts });
      vi.advanceTimersByTime(ms);
      const { policies, faults } = await report;
      expect(vi.getTimerCount()).toBe(0);
      return [policies.length, faults];
    } finally {
      vi.useRealTimers();
    }
  };

  it("are refused, and those that took less are read", async () => {
    expect(await parsedAfter(59_999, fine("a"))).toEqual([1, []]);
    expect(await parsedAfter(60_000, fine("a"))).toEqual([0, [{ file: "a", detail }]]);
  });

  it("are refused as a whole where each of them can be parsed alone", async () => {
    expect(await parsedAfter(60_000, fine("a"), fine("b"))).toEqual([0, [{ file: "policies", detail }]]);
  });
});

it("what goes wrong in the worker by our own fault is no fault of a text", async () => {
  const noText = { length: 1 } as unknown as string;
  await expect(parse({ texts: [own("odd", noText)] })).rejects.toMatchObject({
    code: "unavailable",
    message: "policies cannot be parsed right now",
  });
});

describe("policies beside a schema", () => {
  it("are told what they misname, with the place and their id, in one order", async () => {
    const schema = cedarSchema({ "a.b": { n: { kind: "long" } } }, { windows: [], steps: [], zones: ["UTC"] });
    const { faults, warnings } = await parse({
      texts: [
        own(
          "own",
          `@id("ä") forbid (principal, action == Action::"a.b", resource) when { context.args has n && context.args.n > "x" };\n@id("b")\nforbid (principal, action == Action::"a.c", resource);`,
        ),
        own("never", `@id("c") forbid (principal, action == Action::"a.b", resource) when { false };`),
      ],
      schema,
    });
    expect(faults.map(({ file, line, policy }) => [file, line, policy])).toEqual([
      ["own", 1, "ä"],
      ["own", 3, "b"],
    ]);
    expect(faults[0]?.detail).not.toContain("for policy");
    expect(faults[0]?.column).toBe(110);
    expect(faults[1]?.help ?? faults[1]?.detail).toContain("a.b");
    expect(warnings.find(({ file }) => file === "never")).toMatchObject({ policy: "c", line: 1, column: 1 });
  });
});
