import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { cedarSchema, toolAction } from "./cedar-schema.ts";
import type { ParseTask } from "./parse.ts";
import type { CedarText } from "./policy.ts";
import { readTexts } from "./read-texts.ts";

const own = (text: string, file = "own.cedar"): CedarText => ({ source: "own", file, text });
const names = { windows: ["calls"], steps: [], zones: ["UTC"] } as const;
const schema = cedarSchema({ "a.b": { n: { kind: "long" } }, "a.c": { s: { kind: "string" } } }, names);
const readOne = (text: string, more: Partial<ParseTask> = {}) => readTexts({ texts: [own(text)], ...more });
const forbid = (rest: string, id = "p") => `@id("${id}") forbid (principal, action, resource)${rest};`;
const on = (tool: string, when: string, id = "p") =>
  `@id("${id}") forbid (principal, action == Action::"${tool}", resource) when { ${when} };`;

describe("texts that are read", () => {
  it("are policies with their place, in characters, however many bytes these take", () => {
    const text = `// ä😀\n${forbid("", "a")}  ${forbid("", "ß")}\n\n ${forbid(" when { true }", "c")}`;
    const { policies, faults, warnings } = readOne(text);
    expect([faults, warnings]).toEqual([[], []]);
    expect(policies.map(({ line, column, syntax }) => [syntax.annotations?.id, line, column])).toEqual([
      ["a", 2, 1],
      ["ß", 2, forbid("", "a").length + 3],
      ["c", 4, 2],
    ]);
    for (const policy of policies) {
      expect(text.slice(policy.offset)).toMatch(policy.text);
      expect(policy).toMatchObject({ source: "own", file: "own.cedar" });
    }
  });

  it("are policies at their own place, wherever else their words stand", () => {
    const bare = "forbid (principal, action, resource);";
    const slots = "forbid (principal == ?principal, action, resource);";
    const text = [
      `// ${bare} ${slots}`,
      `@id("a") ${bare} // ${bare}`,
      `${slots} ${bare}`,
      `  ${bare}${slots}`,
      ...Array.from({ length: 12 }, (_, at) => `\t@id("p${at}") // "${bare}"\r\n@doc("\\"; // ${at}") ${bare}`),
      `//`,
      bare,
    ].join("\n");
    const { policies, faults } = readOne(text);
    const placed = policies.map(({ syntax, line, column }) => [syntax.annotations?.id ?? "", line, column]);
    expect(placed.toSorted(([, one], [, other]) => Number(one) - Number(other))).toEqual([
      ["a", 2, 1],
      ["", 3, slots.length + 2],
      ["", 4, 3],
      ...Array.from({ length: 12 }, (_, at) => [`p${at}`, 5 + 2 * at, 2]),
      ["", 30, 1],
    ]);
    for (const { text: part, offset } of policies) expect(text.startsWith(part, offset)).toBe(true);
    expect(faults.map(({ line, column }) => [line, column])).toEqual([
      [3, 1],
      [4, bare.length + 3],
    ]);
  });

  it("have faults where Cedar finds them, told with what was expected", () => {
    const { policies, faults } = readTexts({
      texts: [
        { source: "shipped", file: "first", text: `@id("ä") forbid (principal, action resource);` },
        own(`${forbid("", "a")}\n  forbid (principal, action, resource) when { context.n like };`, "second"),
        own(forbid("", "fine"), "third"),
      ],
    });
    expect(policies.map(({ file }) => file)).toEqual(["third"]);
    expect(faults.map(({ file, line, column }) => [file, line, column])).toEqual([
      ["first", 1, 36],
      ["second", 2, 62],
    ]);
    expect(faults[0]?.detail).toMatch(/^unexpected token `resource`, expected /);
    expect(faults.every((fault) => !("policy" in fault))).toBe(true);
  });

  it("have policies with slots refused at their place, and are read on", () => {
    const slots = "forbid (principal == ?principal, action, resource);";
    const { policies, faults } = readOne(`${forbid("", "a")}\n ${slots} ${forbid("", "b")}`);
    expect(policies.map(({ syntax }) => syntax.annotations?.id)).toEqual(["a", "b"]);
    expect(faults).toEqual([{ file: "own.cedar", line: 2, column: 2, detail: "a policy has no slots" }]);
  });

  it("have numbers that are no others to the engine, wherever they stand", () => {
    const fault = (number: string) => ({
      file: "own.cedar",
      line: 1,
      column: 1,
      detail: `a number near \`${number}\` is beyond 2^53 and would be altered`,
      help: "write a number that fits, or compare in another unit",
    });
    for (const condition of [
      "context.n == 9007199254740992",
      "[1, [9007199254740992]].contains(context.n)",
      "context.b || {a: -9007199254740992}.a == 1",
    ]) {
      const { policies, faults } = readOne(forbid(` when { ${condition} }`));
      expect(policies).toEqual([]);
      expect(faults).toEqual([fault(condition.includes("-") ? "-9007199254740992" : "9007199254740992")]);
    }
    expect(readOne(forbid(" when { context.n == 9007199254740991 || context.n == -9007199254740991 }")).faults).toEqual(
      [],
    );
  });

  it("are nested as deep as the gate can load, and no deeper", () => {
    const deep = (depth: number) => forbid(` when { ${"!(".repeat(depth)}context.b${")".repeat(depth)} }`);
    const refused = {
      file: "own.cedar",
      line: 1,
      column: 1,
      detail: "the policy is nested too deeply",
      help: "write each condition as a `when` clause of its own, or as a policy of its own",
    };
    expect(readOne(deep(40)).faults).toEqual([]);
    expect(readOne(deep(40)).policies).toHaveLength(1);
    const { policies, faults } = readOne(`${deep(120)}\n${forbid("", "b")}`);
    expect(faults).toEqual([refused]);
    expect(policies.map(({ syntax }) => syntax.annotations?.id)).toEqual(["b"]);
  });
});

describe("cures that are tried", () => {
  const cure = '@cure("approval")';
  const met = (id: string) => `unless { context.facts.cured.contains("${id}") }`;
  const fault = (id: string, line = 1) => ({
    file: "own.cedar",
    line,
    column: 1,
    policy: id,
    detail: `the cure of \`${id}\` does not cure it`,
    help: `end the policy with \`unless { context.facts.cured.contains("${id}") }\``,
  });

  it("cure their policy by its own id, alone, once", () => {
    for (const rest of [
      ` ${met("p")}`,
      ` when { context.b } ${met("p")}`,
      ` when { !context.facts.cured.contains("p") } ${met("p")}`,
    ])
      expect(readOne(`${cure} ${forbid(rest)}`).faults).toEqual([]);
    for (const rest of [
      "",
      ` ${met("q")}`,
      ' when { context.facts.cured.contains("p") }',
      ` ${met("p")} ${met("p")}`,
      ' unless { context.facts.cured.contains("p") || context.b }',
      ' unless { context.facts.cured.containsAny(["p"]) }',
    ])
      expect(readOne(`${cure} ${forbid(rest)}`).faults).toEqual([fault("p")]);
  });

  it("are those of policies with an id and a cure, each told of", () => {
    expect(readOne(`${cure} forbid (principal, action, resource);`).faults).toEqual([]);
    expect(readOne(forbid("")).faults).toEqual([]);
    const { policies, faults } = readOne([`${cure} ${forbid("", "a")}`, `${cure} ${forbid("", "b")}`].join("\n"));
    expect(policies).toHaveLength(2);
    expect(faults).toEqual([fault("a"), fault("b", 2)]);
  });

  it("are not tried beside a text that cannot be read", () => {
    const { faults } = readTexts({ texts: [own(`${cure} ${forbid("")}`), own("forbid", "broken.cedar")] });
    expect(faults.map(({ file }) => file)).toEqual(["broken.cedar"]);
  });
});

describe("names and types", () => {
  it("are those of the schema, where there is one", () => {
    const wrong = on("a.b", 'context.args has n && context.args.n == 1 && context.args.n like "x"');
    expect(readOne(wrong).faults).toEqual([]);
    expect(readOne(on("a.b", "context.args has n && context.args.n == 1"), { schema })).toMatchObject({
      faults: [],
      warnings: [],
    });
    const { faults, policies } = readOne(wrong, { schema });
    expect(policies).toHaveLength(1);
    expect(faults).toEqual([expect.objectContaining({ file: "own.cedar", line: 1, policy: "p" })]);
    expect(faults[0]?.detail).toMatch(/^unexpected type/);
  });

  it("are told in the order of the policies and then of the words, with what was meant", () => {
    const text = [
      on("a.b", 'context.args has n && context.args.n like "x" && context.facts.stoped', "second"),
      on("a.d", "true", "first"),
      `forbid (principal, action == Action::"a.b", resource) when { principal.teir == 1 };`,
    ].join("\n");
    const { faults } = readOne(text, { schema });
    const told = faults.map(({ line, policy }) => [line, policy]);
    expect(told).toEqual([[1, "second"], ...(told.length === 4 ? [[1, "second"]] : []), [2, "first"], [3, undefined]]);
    const words = faults.filter(({ line }) => line === 1).map(({ detail }) => detail);
    expect(words).toEqual(words.toSorted());
    expect(faults.find(({ line }) => line === 2)?.help).toMatch(/^did you mean `Action::"a\.[bc]"`\?$/);
    expect(faults.find(({ line }) => line === 3)?.help).toBe("did you mean `tier`?");
    expect("policy" in (faults.find(({ line }) => line === 3) ?? {})).toBe(false);
    expect(faults.every(({ detail }) => !detail.startsWith("for policy"))).toBe(true);
  });

  it("are told once where many tools have the same mistake, with how many others and a help that fits them all", () => {
    const many = Object.fromEntries([..."bcdefghi"].map((name) => [`a.${name}`, { n: { kind: "long" } }] as const));
    const text = `@id("reads") forbid (principal, action, resource) when { context.args.content == "" };\n${on("a.b", 'context.args has n && context.args.n == "x"', "one")}`;
    const { faults } = readOne(text, { schema: cedarSchema(many, names) });
    expect(faults).toHaveLength(2);
    expect(faults[0]).toEqual({
      file: "own.cedar",
      line: 1,
      column: 58,
      policy: "reads",
      detail:
        'attribute `args.content` in context for Action::"a.b" not found; and for 7 other tools: `a.c`, `a.d`, `a.e`, `a.f`, `a.g`, …',
      help: expect.any(String),
    });
    // What names a policy names it as people do, and not by the engine's number.
    expect(faults[1]?.help).toContain("for policy `one`, both operands");
    const two = readOne(on("a.b", "context.args.m == 1"), { schema: cedarSchema(many, names) });
    expect(two.faults[0]?.detail).not.toContain("other tool");
  });

  it("are told with what was meant of the whole schema, also of what no policy names", () => {
    const { faults } = readOne(on("a.bb", "true"), { schema });
    expect(faults.map(({ policy, help }) => [policy, help])).toEqual([["p", 'did you mean `Action::"a.b"`?']]);
  });

  it("are asked of each text by itself, at its own place", () => {
    const { faults } = readTexts({
      texts: [
        own(`\n\n${on("a.b", "principal.teir == 1", "x")}`, "one"),
        own(on("a.c", "principal.teir == 1", "y"), "two"),
      ],
      schema,
    });
    expect(faults.map(({ file, line, policy }) => [file, line, policy])).toEqual([
      ["one", 3, "x"],
      ["two", 1, "y"],
    ]);
  });

  it("that can never matter are a warning and no fault", () => {
    const { faults, warnings } = readOne(`\n${on("a.b", "false")}`, { schema });
    expect(faults).toEqual([]);
    expect(warnings).toEqual([expect.objectContaining({ file: "own.cedar", line: 2, column: 1, policy: "p" })]);
    expect(warnings[0]?.detail).toContain("impossible");
  });

  it("of any action are looked up in the whole schema", () => {
    expect(readOne(forbid(" when { principal.tier == 1 }"), { schema }).faults).toEqual([]);
    expect(readOne('@id("p") forbid (principal, action in Action::"read", resource);', { schema }).faults).toEqual([]);
    // An argument that only one of the tools has is not there for all.
    expect(readOne(forbid(" when { context.args.n == 1 }"), { schema }).faults).not.toEqual([]);
    expect(readOne(on("a.b", "context.args.n == 1"), { schema }).faults).not.toEqual([]);
  });

  it("of tools that are away are a fault, unless they are expected to come", () => {
    const absentTool = toolAction({ parsed: { kind: "parsed", of: {} } }, names);
    const away = on("a.z", "context.facts.stopped");
    expect(readOne(away, { schema }).faults).toHaveLength(1);
    expect(readOne(away, { schema, absentTool }).faults).toEqual([]);
    // What the schema knows of a tool stands.
    expect(readOne(on("a.b", "context.args has n && context.args.n == 1"), { schema, absentTool }).faults).toEqual([]);
    expect(
      readOne(on("a.b", 'context.args has n && context.args.n like "x"'), { schema, absentTool }).faults,
    ).toHaveLength(1);
    const inside = forbid(' when { action == Action::"a.z" && context.facts.stopped }');
    expect(readOne(inside, { schema }).faults).toHaveLength(1);
    expect(readOne(inside, { schema, absentTool }).faults).toEqual([]);
  });

  it("of a schema that is none are the schema's fault", () => {
    const broken = { "": { entityTypes: {}, actions: { "a.b": { memberOf: [{ id: "gone" }] } } } };
    const { faults, policies } = readOne(on("a.b", "true"), { schema: broken as never });
    expect(policies).toHaveLength(1);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toEqual({ file: "schema", detail: expect.any(String) });
    const nothing = readOne(on("a.b", "true"), { schema: {} });
    expect(nothing.faults.length).toBeGreaterThan(0);
  });
});

it("what is read is what the engine reads", () => {
  const { policies } = readOne(
    '@id("p") @title("x") permit (principal == Agent::"a", action, resource) unless { false };',
  );
  expect(policies[0]?.syntax).toEqual({
    effect: "permit",
    principal: { op: "==", entity: { type: "Agent", id: "a" } },
    action: { op: "All" },
    resource: { op: "All" },
    conditions: [{ kind: "unless", body: { Value: false } }],
    annotations: { id: "p", title: "x" },
  } satisfies PolicyJson);
});
