import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { digestText } from "../floor/digest.ts";
import type { CompiledPolicy, PolicySource } from "./policy.ts";
import { type Known, review } from "./review.ts";

const known: Known = { groups: ["sre", "support-leads"], people: ["lea@acme.example"], checks: ["plan", "secrets"] };

function reviewed(text: string, source: PolicySource = "own", what: Known = known) {
  const read = cedar.policyToJson(text);
  if (read.type === "failure") throw new Error(read.errors[0]?.message);
  return review({ source, file: "policies/own.cedar", text, offset: 7, line: 3, column: 5, syntax: read.json }, what);
}
const faultsOf = (text: string, source?: PolicySource, what?: Known) => {
  const found = reviewed(text, source, what);
  return Array.isArray(found) ? found.map(({ detail, help }) => (help === undefined ? [detail] : [detail, help])) : [];
};
const all = "(principal, action, resource)";
const own = 'unless { context.facts.cured.contains("a") }';
const cure = '@cure("approval") @from("sre") @count("1") @open("4h") @valid("1h") @exclude("requester")';
const forbid = (annotations: string, rest = "") => `@id("a") ${annotations} forbid ${all} ${rest};`;
const permit = 'permit (principal in Workflow::"w", action == Action::"a.b", resource)';

describe("a policy that may be put in force", () => {
  it("is all that its text says", () => {
    const text = forbid(`@title("t") ${cure} @mode("observe")`, `when { context.args has x } ${own}`);
    expect(reviewed(text)).toEqual({
      id: "a",
      title: "t",
      text,
      digest: digestText(text),
      effect: "forbid",
      source: "own",
      file: "policies/own.cedar",
      mode: "observe",
      annotations: expect.objectContaining({ id: "a", cure: "approval" }),
      principal: null,
      action: null,
      unconditional: false,
      cure: expect.objectContaining({ kind: "approval", from: "sre", count: 1 }),
      obligations: [],
      reads: ["x"],
      syntax: expect.anything(),
    });
    const bare = reviewed(`@id("a") forbid (principal, action == Action::"a.b", resource);`) as CompiledPolicy;
    expect(bare).toMatchObject({ mode: "enforce", action: ["a.b"], unconditional: true, reads: [] });
    expect(bare).not.toHaveProperty("title");
    expect(bare).not.toHaveProperty("cure");
    expect(reviewed('@id("a") forbid (principal, action, resource is Target);')).toMatchObject({
      unconditional: false,
    });
    const granted = reviewed(`@id("w/allow") @obligation("redact") @redact("personal") ${permit};`, "workflow");
    expect(granted).toMatchObject({
      effect: "permit",
      principal: { type: "Workflow", id: "w" },
      obligations: [{ kind: "redact", properties: { labels: ["personal"] } }],
    });
  });

  it("may be one in force that says what would be refused today, and does nothing", () => {
    const text = forbid('@obligation("notify") @notify("leads")');
    expect(reviewed(text)).toEqual([expect.objectContaining({ detail: "`@obligation` on a forbid would do nothing" })]);
    expect(reviewed(text, "own", { isInForce: true })).toMatchObject({ id: "a", effect: "forbid" });
  });

  it("may be what only workflow files and the product write", () => {
    expect(
      reviewed(`@id("A/b") @template("call-limit") @window("count of a.b per run") forbid ${all};`, "workflow"),
    ).toMatchObject({ id: "A/b" });
    expect(reviewed(`@id("stop") @mode("always") forbid ${all};`, "shipped")).toMatchObject({ mode: "always" });
  });

  it("asks for whom and what there is, or for what is not known yet", () => {
    for (const from of ["sre", "dri", "lea@acme.example"])
      expect(faultsOf(forbid(cure.replace("sre", from), own))).toEqual([]);
    for (const from of ["nobody", "x@acme.example"])
      expect(faultsOf(forbid(cure.replace("sre", from), own), "own", {})).toEqual([]);
    const check = (name: string) => forbid(`@cure("check") @check("${name}") @age("15m")`, own);
    expect(faultsOf(check("plan"))).toEqual([]);
    expect(faultsOf(check("hope"), "own", {})).toEqual([]);
    expect(reviewed(check("every"))).toMatchObject({ cure: { names: ["plan", "secrets"] } });
    expect(faultsOf(check("hope"))).toEqual([["there is no check `hope`"]]);
    expect(faultsOf(forbid(cure.replace("sre", "sr"), own))).toEqual([
      ["there is no group `sr` to approve", "did you mean `sre`?"],
    ]);
    expect(faultsOf(forbid(cure.replace("sre", "drj"), own))).toEqual([
      ["there is no group `drj` to approve", "did you mean `dri`?"],
    ]);
    expect(faultsOf(forbid(cure.replace("sre", "leo@acme.example"), own))).toEqual([
      ["there is no person `leo@acme.example` to approve", "did you mean `lea@acme.example`?"],
    ]);
  });
});

describe("whom a policy of one's own names", () => {
  const workflows = [{ workflow: "support", agents: ["scribe", "desk"] }];
  const faults = (principal: string, rest = "", source?: PolicySource) =>
    faultsOf(`@id("a") forbid (${principal}, action, resource) ${rest};`, source, { ...known, workflows });
  const groups = (name: string) => [
    [`agents are in no groups, so nothing is in \`Group::"${name}"\``, "name a workflow or an agent"],
  ];

  it("is a workflow or an agent that there is, in its head and in its conditions", () => {
    for (const one of ["principal", 'principal in Workflow::"support"', 'principal == Agent::"scribe"'])
      expect(faults(one)).toEqual([]);
    const both = 'when { [Agent::"desk", Agent::"scribe"].contains(principal) || principal in Workflow::"support" }';
    expect(faults("principal", both)).toEqual([]);
    const workflow = [["there is no workflow `suport`", "did you mean `support`?"]];
    expect(faults('principal in Workflow::"suport"')).toEqual(workflow);
    expect(faults("principal", 'unless { principal in Workflow::"suport" }')).toEqual(workflow);
    expect(faults("principal", 'when { principal is Agent in Workflow::"suport" }')).toEqual(workflow);
    const agent = [["no workflow has an agent `scribbe`", "did you mean `scribe`?"]];
    expect(faults('principal == Agent::"scribbe"')).toEqual(agent);
    expect(faults("principal", 'when { [Agent::"desk", Agent::"scribbe"].contains(principal) }')).toEqual(agent);
    expect(faults('principal == Agent::"support"')).toEqual([["no workflow has an agent `support`"]]);
  });

  it("is no group, since no agent is in one", () => {
    expect(faults('principal in Group::"contractors"')).toEqual(groups("contractors"));
    expect(faults("principal", 'unless { principal in Group::"sre" }')).toEqual(groups("sre"));
    for (const condition of ['principal.groups.contains("sre")', "principal has groups"])
      expect(faults("principal", `when { ${condition} }`)).toEqual([
        ["agents are in no groups, so `principal.groups` is always empty", "name a workflow or an agent"],
      ]);
  });

  it("is not asked of what workflow files write, nor where nobody knows the workflows", () => {
    expect(faults('principal in Workflow::"suport"', "", "workflow")).toEqual([]);
    expect(faultsOf('@id("a") forbid (principal in Group::"x", action, resource);')).toEqual([]);
  });
});

describe("what stands against a policy", () => {
  it("is told with its place and its name", () => {
    expect(reviewed(`@id("a") @mode("loud") forbid ${all};`)).toEqual([
      { file: "policies/own.cedar", line: 3, column: 5, policy: "a", detail: "`@mode` is `observe` or `enforce`" },
    ]);
    expect(reviewed(`forbid ${all};`)).toEqual([
      { file: "policies/own.cedar", line: 3, column: 5, detail: "a policy needs an `@id`" },
    ]);
  });

  const generated = (name: string) => [
    `annotation \`@${name}\` belongs to guardrails of workflow files`,
    "list the guardrail in a workflow file",
  ];
  const useless = (name: string) => [
    `\`@${name}\` on a forbid would do nothing`,
    "remove it: all is recorded, and secrets are cut from every answer, without it",
  ];
  const wildcard = [
    "the permit is a wildcard, and there are no wildcard grants",
    "list exact tools under `allow` or `ask` of a workflow",
  ];
  const clause = '`unless { context.facts.cured.contains("a") }`';
  const lapse = ["the cure would not make the forbid lapse", `end the policy with ${clause}`];
  const reads =
    "a policy reads `context.facts.cured` for its own cure only, and never `context` or `context.facts` whole";

  it.each<[string, string, readonly (readonly string[])[], PolicySource?]>([
    [
      "an annotation that is misspelt",
      forbid('@tilte("x")'),
      [["annotation `@tilte` is not known", "did you mean `@title`?".replace("@", "")]],
    ],
    ["an annotation like no other", forbid('@somethingelse("x")'), [["annotation `@somethingelse` is not known"]]],
    ["what templates write", forbid('@template("x")'), [generated("template")]],
    ["what is counted", forbid('@window("x")'), [generated("window")]],
    ["what is limited", forbid('@step("x")'), [generated("step")]],
    ["an id in capitals", `@id("A") forbid ${all};`, [["`@id` is `A`", "lower-case letters, digits and hyphens"]]],
    [
      "an id that begins with a hyphen",
      `@id("-a") forbid ${all};`,
      [["`@id` is `-a`", "lower-case letters, digits and hyphens"]],
    ],
    [
      "an id that is too long",
      `@id("${"a".repeat(65)}") forbid ${all};`,
      [[`\`@id\` is \`${"a".repeat(65)}\``, "lower-case letters, digits and hyphens"]],
    ],
    ["a mode that only the product has", forbid('@mode("always")'), [["`@mode` is `observe` or `enforce`"]]],
    [
      "a principal of another kind",
      '@id("a") forbid (principal in User::"x", action, resource);',
      [["`User` is no kind of principal"]],
    ],
    [
      "an action of another kind",
      '@id("a") forbid (principal, action == X::Action::"x", resource);',
      [["`X::Action` is no action"]],
    ],
    [
      "a cure that is none",
      forbid('@cure("hope")'),
      [["cure `hope` is not known", "a cure is `approval`, `check` or `wait`"], lapse],
    ],
    ["an obligation of a forbid", forbid('@obligation("redact") @redact("personal")'), [useless("obligation")]],
    ["what a forbid would cut", forbid('@redact("personal")'), [useless("redact")]],
    ["whom a forbid would tell", forbid('@notify("leads")'), [useless("notify")]],
    ["a notice of a forbid", forbid('@notify("support-leads")'), [useless("notify")]],
    [
      "an obligation that is none",
      `@id("a") @obligation("hope") ${permit};`,
      [["obligation `hope` is not known"]],
      "workflow",
    ],
    [
      "a grant",
      `@id("a") ${permit};`,
      [["a policy file holds guardrails; it cannot grant", "list the tool under `allow` or `ask` of a workflow"]],
    ],
    ["a grant of everything", `@id("a") permit ${all};`, [wildcard], "workflow"],
    ["a grant to everybody", '@id("a") permit (principal, action == Action::"a.b", resource);', [wildcard], "workflow"],
    [
      "a grant of a verb",
      '@id("a") permit (principal in Workflow::"w", action in [Action::"a.b", Action::"read"], resource);',
      [wildcard],
      "workflow",
    ],
    [
      "a grant to another kind of principal",
      '@id("a") permit (principal in User::"x", action == Action::"a.b", resource);',
      [["`User` is no kind of principal"], wildcard],
      "workflow",
    ],
    [
      "a grant of another kind of action",
      '@id("a") permit (principal in Workflow::"w", action == X::Action::"x", resource);',
      [["`X::Action` is no action"], wildcard],
      "workflow",
    ],
    ["a cure that cures nothing", forbid(cure), [lapse]],
    ["a cure said twice", forbid(cure, `${own} ${own}`), [lapse]],
    [
      "a cure of another policy",
      forbid(cure, 'unless { context.facts.cured.contains("b") }'),
      [lapse, [reads, `keep ${clause} and no other mention`]],
    ],
    [
      "a mention beside the cure",
      forbid(cure, `when { context.facts.cured == [] } ${own}`),
      [[reads, `keep ${clause} and no other mention`]],
    ],
    ["a mention without a cure", forbid("", own), [[reads, "add `@cure` and its annotations"]]],
    [
      "all facts at once",
      forbid("", "when { context.facts has stopped && context == {} }"),
      [[reads, "add `@cure` and its annotations"]],
    ],
    [
      "a cure of a permit",
      `@id("a") ${cure} ${permit} ${own};`,
      [["only a forbid has a cure", "remove `@cure`"]],
      "workflow",
    ],
  ])("%s", (_, text, faults, source) => {
    expect(faultsOf(text, source)).toEqual(faults);
  });
});
