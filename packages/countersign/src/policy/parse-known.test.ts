import { beforeEach, describe, expect, it } from "vitest";
import { sources } from "./acme.fixture.ts";
import { type PolicySources, tryCompile } from "./compile.ts";
import { forgetParsed } from "./parse-known.ts";

const bounded = (limit: string, tool = "helpdesk.draft_refund") => ({
  file: "policies/refunds.cedar",
  text: `@id("refunds") forbid (principal, action == Action::"${tool}", resource) when { context.args has amount && context.args.amount > ${limit} };`,
});
const wide = {
  file: "policies/wide.cedar",
  text: `@id("wide") forbid (principal, action in Action::"execute", resource) when { context.facts.counts["calls"] > 3 };`,
};
const deep = {
  file: "policies/deep.cedar",
  text: `@id("deep") forbid (principal, action, resource) when { ${"(".repeat(400)}true${")".repeat(400)} };`,
};
const amountIs = (type: string): Partial<PolicySources> => ({
  tools: sources().tools.map((tool) =>
    tool.id === "helpdesk.draft_refund"
      ? { ...tool, inputSchema: { type: "object", properties: { amount: { type } } } }
      : tool,
  ),
});

/** What a plane goes through: each is compiled on top of what was parsed before. */
const changes: readonly (readonly [string, PolicySources])[] = [
  ["nothing of its own", sources()],
  ["a guardrail", sources({ own: [bounded("500")] })],
  ["the same again", sources({ own: [bounded("500")] })],
  ["with another limit", sources({ own: [bounded("50")] })],
  ["over a tool whose schema changed under it", sources({ own: [bounded("50")], ...amountIs("string") })],
  ["over the schema as it was", sources({ own: [bounded("50")] })],
  ["of a tool that is not there", sources({ own: [bounded("50", "helpdesk.draft_refunds")] })],
  [
    "beside a syntax error",
    sources({ own: [bounded("50"), { file: "policies/typo.cedar", text: "forbid (principal, action" }] }),
  ],
  ["beside one that breaks the parser", sources({ own: [bounded("50"), deep] })],
  ["over a window that is not counted", sources({ own: [bounded("50"), wide] })],
  ["over a window that is", sources({ own: [bounded("50"), wide], windows: ["calls"] })],
  ["over a window that is gone again", sources({ own: [bounded("50"), wide] })],
  ["of a tool that is away", sources({ own: [bounded("50", "helpdesk.draft_refunds")], absent: "expect" })],
  [
    "of one that is there, where others may be away",
    sources({ own: [bounded("50"), wide], windows: ["calls"], absent: "expect" }),
  ],
  ["under another name", sources({ own: [{ ...bounded("50"), file: "policies/other.cedar" }] })],
  ["twice", sources({ own: [bounded("50"), { ...bounded("50"), file: "policies/other.cedar" }] })],
];

describe("what is parsed once", () => {
  beforeEach(forgetParsed);

  it("gives what parsing everything anew gives, whatever changed", async () => {
    const known = [];
    for (const [, given] of changes) known.push(await tryCompile(given));
    for (const [at, [name, given]] of changes.entries()) {
      forgetParsed();
      expect(known[at], name).toEqual(await tryCompile(given));
    }
    expect(known.map(({ ok }) => ok)).toEqual([
      true,
      true,
      true,
      true,
      false,
      true,
      false,
      false,
      false,
      false,
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it("finds every fault of a set that takes several workers", async () => {
    const many = Array.from({ length: 410 }, (_, at) => ({
      file: `policies/p${at}.cedar`,
      text: `@id("p${at}") forbid (principal, action == Action::"deploy.apply", resource) when { context.run.step ${at === 7 || at === 405 ? "like" : ">"} ${at} };`,
    }));
    const broken = await tryCompile(sources({ own: many }));
    expect(broken).toMatchObject({
      ok: false,
      faults: [{ file: "policies/p7.cedar" }, { file: "policies/p405.cedar" }],
    });
    const clean = many.filter((_, at) => at !== 7 && at !== 405);
    const compiled = await tryCompile(sources({ own: clean }));
    expect(compiled.ok && compiled.policies.policies.filter(({ source }) => source === "own").length).toBe(408);
  });

  it("keeps nothing of a set that has a fault", async () => {
    const broken = sources({ own: [bounded("50", "helpdesk.draft_refunds")] });
    const first = await tryCompile(broken);
    expect(await tryCompile(broken)).toEqual(first);
    expect(first).toMatchObject({ ok: false, faults: [{ file: "policies/refunds.cedar", line: 1 }] });
  });
});
