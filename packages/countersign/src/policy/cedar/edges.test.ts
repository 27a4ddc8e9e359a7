import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import type { CedarRequest } from "../request.ts";
import { compileProgram } from "./program.ts";
import { World } from "./world.ts";

type Context = CedarRequest["context"];

const entity = (type: string, id: string) => ({ __entity: { type, id } });
const call = (fn: string, arg: string) => ({ __extn: { fn, arg } });
const entities: CedarRequest["entities"] = [
  {
    uid: { type: "U", id: "ann" },
    attrs: { a: { b: 1 }, n: 1 },
    tags: { k: "v" },
    parents: [{ type: "G", id: "ops" }],
  },
  { uid: { type: "U", id: "bob" }, attrs: {}, parents: [] },
  { uid: { type: "G", id: "ops" }, attrs: {}, parents: [{ type: "G", id: "all" }] },
  { uid: { type: "G", id: "all" }, attrs: {}, tags: {}, parents: [] },
];

/** What each condition is, for each context, here and by Cedar's own engine: true, false or a fault. */
function told(
  conditions: readonly string[],
  contexts: readonly Context[],
): { readonly [who in "ours" | "theirs"]: string[] } {
  const texts = conditions.map((condition) => `permit (principal, action, resource) when { ${condition} };`);
  const staticPolicies = Object.fromEntries(texts.map((text, at) => [`p${at}`, text]));
  const prepared = cedar.preparsePolicySet("edges", { staticPolicies, templates: {}, templateLinks: [] });
  if (prepared.type === "failure") throw new Error(prepared.errors[0]?.message);
  const programs = texts.map((text) => {
    const read = cedar.policyToJson(text);
    if (read.type === "failure") throw new Error(read.errors[0]?.message);
    return compileProgram(read.json);
  });
  const [ours, theirs]: [string[], string[]] = [[], []];
  for (const context of contexts) {
    const request: CedarRequest = {
      principal: { type: "U", id: "ann" },
      action: { type: "Action", id: "do" },
      resource: { type: "G", id: "all" },
      context,
      entities,
    };
    const answer = cedar.statefulIsAuthorized({
      ...request,
      context: { ...context },
      entities: [...entities],
      preparsedPolicySetId: "edges",
    });
    if (answer.type === "failure") throw new Error(answer.errors[0]?.message);
    const { reason, errors } = answer.response.diagnostics;
    const world = new World(request);
    for (const [at, condition] of conditions.entries()) {
      const where = `${condition} of ${JSON.stringify(context)}: `;
      const id = `p${at}`;
      const failed = errors.some(({ policyId }) => policyId === id);
      theirs.push(where + (failed ? "fault" : reason.includes(id)));
      ours.push(where + asked(() => programs[at]?.(world) === true));
    }
  }
  return { ours, theirs };
}

function asked(ask: () => boolean): string {
  try {
    return String(ask());
  } catch {
    return "fault";
  }
}

/** Both answers, and how many of each there are: a table that only ever fails shows nothing. */
function compared(conditions: readonly string[], contexts: readonly Context[]): void {
  const { ours, theirs } = told(conditions, contexts);
  expect(ours).toEqual(theirs);
  for (const kind of ["true", "false"]) expect(ours.filter((one) => one.endsWith(kind)).length).toBeGreaterThan(5);
}

const pairs = <T>(all: readonly T[]): Context[] => all.flatMap((a) => all.map((b) => ({ a, b }) as Context));

const moments = [
  ...["1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z", "1969-12-31T23:59:59.999Z", "1969-12-31"],
  ...["2024-02-29", "2023-02-29", "2024-02-30", "2024-13-01", "2024-00-01", "2024-01-00", "2024-01-31", "2024-04-31"],
  ...["2024-01-01T23:59:59Z", "2024-01-01T24:00:00Z", "2024-01-01T23:60:00Z", "2024-01-01T23:59:60Z", "0000-01-01"],
  ...["2024-01-01T12:00:00.5Z", "2024-01-01T12:00:00.500Z", "2024-01-01T12:00:00+0530", "2024-01-01T12:00:00-0530"],
  ...["2024-01-01T06:30:00Z", "2024-01-01T17:30:00Z", "2024-01-01T12:00:00+2359", "2024-01-01T12:00:00+2400"],
  ...["2024-01-01T12:00:00+0060", "2024-01-01T12:00:00+0059", "2024-1-1", "2024-01-01T12:00:00", "9999-12-31", ""],
  ...["2024-01-01 12:00:00Z", "2024-01-01T12:00:00Zx", "x2024-01-01", "0099-12-31", "1900-02-29", "2000-02-29"],
];
const lengths = [
  ...["0ms", "1ms", "-1ms", "999ms", "1000ms", "1s", "-1s", "59s", "60s", "1m", "59m", "60m", "1h", "23h", "24h", "1d"],
  ...["-1d", "1d2h3m4s5ms", "-1d2h3m4s5ms", "23h59m59s999ms", "1h1d", "", "-", "1", "5ms5ms", "1m1ms", "1.5h", "1d "],
  ...["9223372036854775807ms", "9223372036854775808ms", "-9223372036854775808ms", "-9223372036854775809ms", "+1d"],
];

const values = [
  ...["", "a", "1", "true", 0, 1, -1, true, false, [], ["a"], ["a", "a"], ["a", "b"], ["b", "a"], [1], [1, "1"]],
  ...[[["a"]], [true], {}, { a: 1 }, { a: { b: 1 } }, { b: 1, a: 1 }, { a: 1, b: 1 }, { "a:1": 1 }],
  ...[entity("U", "ann"), entity("U", "bob"), entity("G", "ann"), entity("U", "zoe"), [entity("U", "ann")]],
  ...[[entity("G", "ops"), entity("U", "bob")], [entity("G", "all"), 1], [entity("U", "bob")], entity("G", "all")],
  ...[call("ip", "10.0.0.1"), call("ip", "10.0.0.1/32"), call("decimal", "1.0"), call("decimal", "1.00")],
  ...[call("duration", "1d"), call("duration", "24h"), call("datetime", "1970-01-02"), [call("decimal", "1.0")]],
  Array.from({ length: 20 }, (_, at) => `x${at}`).concat("a"),
];

describe("at its edges the evaluator says what Cedar's own engine says", () => {
  it("of addresses and networks", () => {
    const texts = [
      ...["127.0.0.1", "127.0.0.0/8", "127.0.0.0/7", "126.255.255.255", "224.0.0.0/4", "224.0.0.0/3", "239.1.2.3"],
      ...[
        "223.255.255.255",
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.1.2.3",
        "0.0.0.0/0",
        "10.0.0.1/33",
        "10.0.0.1/08",
        "1.2.3",
      ],
      ...[
        "::1",
        "::1/127",
        "::",
        "ff00::/8",
        "ff00::/7",
        "feff::1",
        "ff02::1",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8/127",
      ],
      ...["1:2:3:4:5:6:7:9", "::/0", "::ffff:10.0.0.1", "fe80::1%eth0", "1::2/129", "10.0.0.1/8/8", "", "::7f00:1"],
      ...["fffe::", "fff::1", "1::2:3", "1:0:0:0:0:0:2:3"],
    ];
    const alone = ["isIpv4", "isIpv6", "isLoopback", "isMulticast"].map((name) => `ip(context.a).${name}()`);
    compared(
      alone,
      texts.map((a) => ({ a })),
    );
    compared(["ip(context.a).isInRange(ip(context.b))", "ip(context.a) == ip(context.b)"], pairs(texts));
  });

  it("of integers up to 64 bits, and beyond them", () => {
    const large = Number.MAX_SAFE_INTEGER;
    const numbers = [0, 1, -1, 1023, 1024, large, -large, 3_037_000_500];
    const sums = ["+", "-", "*"].flatMap((operator) => [
      `context.a ${operator} context.b == context.a`,
      `context.a ${operator} context.b < 0`,
      `context.a ${operator} context.b <= context.b`,
      `context.a * 1024 ${operator} context.b > 0`,
      `context.a * 1024 ${operator} context.b * 1024 >= context.a * 1024`,
      `(context.a ${operator} context.b) - context.b == context.a`,
      `context.a ${operator} (context.b * context.b) == context.a * 1`,
    ]);
    compared(
      [...sums, "-(context.a) == context.b", "-(context.a * context.b) < 0", "-(context.a * 1024 - 1024) > 0"],
      pairs(numbers),
    );
    // The largest and the least integer, and one more.
    compared(
      [
        ...[1023, 1024].map((more) => `context.a * 1024 + ${more} > 0`),
        ...[1024, 1025].map((less) => `-(context.a * 1024) - ${less} < 0`),
        "-(-(context.a * 1024) - 1023) > 0",
        "-(-(context.a * 1024) - 1024) > 0",
        ...["a * 1024 + 1023", "a * 512", "a + 1", "a + 2"].map((text) => `context.${text} == context.${text}`),
        ...["a + 1", "a + 2"].map((text) => `context.${text} == context.a`),
      ],
      [large, large - 1, large - 2, 5, 6, 7, 8].map((a) => ({ a })),
    );
  });

  it("of decimals", () => {
    const texts = [
      ...["0.0", "-0.0", "1.0", "1.00", "1.0000", "1.00000", "1", "1.", "-1.5", ".5", "00.10", "0.1", "0.0999", "+1.0"],
      ...["922337203685477.5807", "922337203685477.5808", "-922337203685477.5808", "-922337203685477.5809", "1.0 ", ""],
    ];
    const names = ["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"];
    compared(
      [
        ...names.map((name) => `decimal(context.a).${name}(decimal(context.b))`),
        "decimal(context.a) == decimal(context.b)",
      ],
      pairs(texts),
    );
  });

  it("of lengths of time in each unit", () => {
    const units = ["Milliseconds", "Seconds", "Minutes", "Hours", "Days"];
    const numbers = [0, 1, -1, 24, 1440, 86_400, 86_400_000, 93_784_005, -93_784_005, 999, 1000];
    compared(
      units.map((unit) => `duration(context.a).to${unit}() == context.n`),
      lengths.flatMap((a) => numbers.map((n) => ({ a, n }))),
    );
  });

  it("of days and moments", () => {
    compared(
      [
        ...["<", "<=", ">", ">=", "=="].map((operator) => `datetime(context.a) ${operator} datetime(context.b)`),
        "datetime(context.a).toDate() == datetime(context.b)",
        'datetime(context.a).toTime() == datetime(context.b).durationSince(datetime("1970-01-01"))',
        'datetime(context.a).durationSince(datetime(context.b)) >= duration("1d")',
      ],
      pairs(moments),
    );
  });

  it("of lengths of time, and of moments that far away", () => {
    compared(
      [
        ...["<", "<=", ">", ">=", "=="].map((operator) => `duration(context.a) ${operator} duration(context.b)`),
        'datetime("1970-01-01").offset(duration(context.a)).offset(duration(context.b)) < datetime("1970-01-02")',
        'datetime("1970-01-01").offset(duration(context.a)).toTime() == duration(context.b)',
        'datetime("1970-01-01").offset(duration(context.a)).toDate() == datetime("1970-01-01").offset(duration(context.b))',
      ],
      pairs(lengths),
    );
  });

  it("of texts and patterns", () => {
    const patterns = ["", "*", "a", "a*", "*a", "a*b", "a*a", "ab*ab", "*a*", "*ab*b*", "a**b", "a\\*b", "*\\*", "b*"];
    const texts = ["", "a", "b", "ab", "aa", "aab", "aba", "abab", "abb", "a*b", "*", "xab", "ba", "ab\n", "abxab"];
    compared(
      patterns.map((pattern) => `context.a like "${pattern}"`),
      texts.map((a) => ({ a })),
    );
  });

  it("of two values of every kind, alike and unlike", () => {
    compared(
      [
        ...["==", "!=", "<", "<=", ">", ">=", "&&", "||", "in"].map((operator) => `context.a ${operator} context.b`),
        ...["contains", "containsAll", "containsAny"].map((name) => `context.a.${name}(context.b)`),
        "(if context.a then context.b else true) == context.b",
        "context.a is U in context.b",
        "[context.a, 1].contains(context.b)",
        "[context.a].containsAll([context.b])",
        "{ x: context.a } == { x: context.b }",
        "{ x: context.a, y: 1 } == { x: context.b }",
      ],
      pairs(values),
    );
  });

  it("of one value of every kind", () => {
    compared(
      [
        ...["!context.a", "-context.a == -1", "context.a.isEmpty()", "context.a has a", "context.a.a == 1"],
        ...["context.a has a.b", "context.a has a.b.c", "context.a has n", "context.a is U", 'context.a.hasTag("k")'],
        ...['context.a.getTag("k") == "v"', 'context.a.getTag("z") == "v"', 'context.a like "*"', "context.z == 1"],
        ...["context has a", "context has z", "context.a.isLoopback()", 'context.a.lessThan(decimal("2.0"))'],
        ...["context.a.toDays() == 1", 'context.a.toDate() == datetime("1970-01-02")', "principal in context.a"],
        ...[
          "context.a.hasTag(context.a)",
          "principal in resource",
          "resource in principal",
          "principal is U in context.a",
        ],
        ...[
          "ip(context.a).isIpv4()",
          "decimal(context.a) == context.a",
          "principal == context.a",
          "action in context.a",
        ],
      ],
      values.map((a) => ({ a }) as Context),
    );
  });
});
