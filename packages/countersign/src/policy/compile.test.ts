import { describe, expect, it } from "vitest";
import { acme, asks, deploys, rollout, sources, support, tools } from "./acme.fixture.ts";
import { compile, tryCompile } from "./compile.ts";
import { decide } from "./decide.ts";

const quorum = `@cure("approval") @from("sre") @count("1") @open("4h") @valid("1h") @exclude("nobody")`;

async function faultsOf(own: string) {
  const compiled = await tryCompile(sources({ own: [{ file: "policies/own.cedar", text: own }] }));
  return compiled.ok ? [] : compiled.faults;
}

describe("compile", () => {
  it("gives equal sources an equal digest, and other sources another", async () => {
    const [one, same, other] = [await acme(), await acme(), await acme("", { workflows: [support] })];
    expect(same.digest).toBe(one.digest);
    expect(other.digest).not.toBe(one.digest);
    expect(JSON.parse(JSON.stringify(one))).toEqual(one);
  });

  it("has a digest of what is said, in whatever order it is said", async () => {
    const undoable = { ...rollout, irreversible: ["deploy.wipe", "deploy.apply"] };
    const digestOf = async (more: Parameters<typeof sources>[0]) => (await compile(sources(more))).digest;
    const whole = await digestOf({ workflows: [support, undoable] });
    for (const same of [
      { workflows: [undoable, support] },
      { workflows: [support, { ...undoable, irreversible: undoable.irreversible.toReversed() }] },
      { workflows: [support, undoable], checks: ["secrets", "plan"] },
      { workflows: [support, undoable], revision: 8 },
    ])
      expect(await digestOf(same)).toBe(whole);
    const others = await Promise.all(
      [
        { workflows: [support, rollout] },
        { workflows: [support, { ...undoable, mode: "observe" as const }] },
        { workflows: [support, { ...undoable, mode: "observe" as const, observeUntil: "2027-01-01T00:00:00Z" }] },
        { workflows: [support, undoable], checks: ["plan", "secrets", "lint"] },
        { workflows: [support, undoable], tools: [...tools, { id: "new.tool", inputSchema: {} }] },
        { workflows: [support, { ...undoable, allow: rollout.allow.slice(0, 2) }] },
      ].map(digestOf),
    );
    expect(new Set([whole, ...others]).size).toBe(7);
    const turned = { ...undoable, agents: rollout.agents.toReversed() };
    expect((await compile(sources({ workflows: [turned] }))).workflows.rollout).toEqual({
      agents: ["deploy-bot", "spare-bot"],
      mode: "enforce",
      irreversible: ["deploy.apply", "deploy.wipe"],
    });
  });

  it("ships its tiers without a warning", async () => {
    const { warnings, policies } = await acme();
    expect(warnings).toEqual([]);
    expect(policies.filter((policy) => policy.source === "shipped").every((policy) => policy.effect === "forbid")).toBe(
      true,
    );
  });

  it("says where a misspelt word stands", async () => {
    const [fault] = await faultsOf(`// é\n@id("x")\nforbid (principal, action, resource) wen { true };`);
    expect(fault).toMatchObject({
      file: "policies/own.cedar",
      line: 3,
      column: 38,
      detail: "invalid policy condition: wen",
    });
  });

  it("refuses a number that the syntax tree would alter, and says so", async () => {
    for (const number of ["9007199254740993", "9223372036854775807"]) {
      const [fault] = await faultsOf(
        `@id("x")\nforbid (principal, action, resource) when { context.run.step > ${number} };`,
      );
      expect(fault).toMatchObject({ file: "policies/own.cedar", line: 1, detail: expect.stringContaining("2^53") });
    }
    expect(
      await faultsOf(`@id("x")\nforbid (principal, action, resource) when { context.run.step > 9007199254740991 };`),
    ).toEqual([]);
  });

  it("passes on what was probably meant", async () => {
    const typo = `@id("x")\nforbid (principal, action, resource)\n  when { resource.enviroment.production };`;
    expect(await faultsOf(typo)).toMatchObject([
      { line: 3, column: 10, policy: "x", help: "did you mean `environment`?" },
    ]);
    const tool = `@id("x") forbid (principal, action == Action::"deploy.aply", resource);`;
    expect(await faultsOf(tool)).toMatchObject([{ help: 'did you mean `Action::"deploy.apply"`?' }]);
  });

  it("throws the first fault with its place", async () => {
    const own = [{ file: "policies/own.cedar", text: `\n@id("x") forbid (principal, action, resource) when { 1 };` }];
    await expect(compile(sources({ own }))).rejects.toMatchObject({
      code: "invalid",
      at: expect.stringMatching(/^policies\/own\.cedar:2:/),
    });
  });

  it("refuses an argument that is read without asking whether it is there", async () => {
    const bare = `@id("x") forbid (principal, action == Action::"helpdesk.draft_refund", resource) when { context.args.amount > 5 };`;
    expect(await faultsOf(bare)).toMatchObject([{ help: expect.stringContaining("has amount") }]);
  });

  it.each<[string, string]>([
    ["no id", `forbid (principal, action, resource) when { context.facts.stopped };`],
    ["an id of a shipped policy", `@id("stop") forbid (principal, action, resource) when { context.run.tainted };`],
    [
      "an unknown annotation",
      `@id("x") @curee("approval") forbid (principal, action, resource) when { context.run.tainted };`,
    ],
    [
      "an unknown obligation",
      `@id("x") @obligation("pray") forbid (principal, action, resource) when { context.run.tainted };`,
    ],
    [
      "a mode of the product's own",
      `@id("x") @mode("always") forbid (principal, action, resource) when { context.run.tainted };`,
    ],
    ["a fact that no call has", `@id("x") forbid (principal, action, resource) when { context.facts.phase > 1 };`],
    ["a slot", `@id("x") forbid (principal == ?principal, action, resource);`],
    [
      "a guardrail that never bites",
      `@id("x") forbid (principal, action == Action::"deploy.wipe", resource) when { context.args has nothing };`,
    ],
  ])("refuses %s", async (_, text) => {
    expect((await faultsOf(text)).length).toBeGreaterThan(0);
  });

  it.each<[string, string, string]>([
    ['principal in Workflow::"support-replys"', "there is no workflow `support-replys`", "support-replies"],
    ['principal == Agent::"support-bat"', "no workflow has an agent `support-bat`", "support-bot"],
    ['principal in Group::"contractors"', "agents are in no groups", "name a workflow or an agent"],
  ])(
    "refuses a guardrail for %s, which would never bite, and keeps one in force that was",
    async (principal, ...said) => {
      const own = `@id("x") forbid (${principal}, action in Action::"execute", resource);`;
      expect(await faultsOf(own)).toMatchObject([
        { policy: "x", line: 1, detail: expect.stringContaining(said[0]), help: expect.stringContaining(said[1]) },
      ]);
      expect((await acme(own, { absent: "expect" })).policies.some(({ id }) => id === "x")).toBe(true);
    },
  );

  it("refuses an id that is taken, and says by which file it was taken first", async () => {
    const file = (name: string) => ({
      file: `policies/${name}.cedar`,
      text: `@id("x") forbid (principal, action, resource) when { context.run.tainted };`,
    });
    const compiled = await tryCompile(sources({ own: ["a", "b", "c"].map(file) }));
    expect(compiled.ok ? [] : compiled.faults).toEqual(
      ["b", "c"].map((name) => ({
        file: `policies/${name}.cedar`,
        policy: "x",
        detail: "the id `x` is taken by a policy in policies/a.cedar",
      })),
    );
  });

  it("MT-150 refuses a wildcard grant in a policy", async () => {
    const everything = await faultsOf(`@id("x") permit (principal, action, resource);`);
    expect(everything).toMatchObject([{ detail: expect.stringContaining("no wildcard grants") }]);
    const verb = await faultsOf(
      `@id("x") permit (principal in Workflow::"rollout", action in Action::"read", resource);`,
    );
    expect(verb).toMatchObject([{ detail: expect.stringContaining("no wildcard grants") }]);
  });

  it.each(["*", "helpdesk.*", "*.search_tickets"])("MT-150 refuses `%s` in a workflow's lists", async (tool) => {
    for (const rules of [
      { ...support, allow: [tool] },
      { ...support, ask: [{ tool, from: "support-leads" }] },
    ]) {
      const compiled = await tryCompile(sources({ workflows: [rules] }));
      expect(compiled).toMatchObject({
        ok: false,
        faults: [{ detail: expect.stringContaining("no wildcard grants") }],
      });
    }
  });

  it("MT-150 refuses a workflow for every agent", async () => {
    const compiled = await tryCompile(sources({ workflows: [{ ...support, agents: ["*"] }] }));
    expect(compiled).toMatchObject({ ok: false, faults: [{ detail: expect.stringContaining("every agent") }] });
  });

  it("lets a policy file guard, never grant", async () => {
    const named = `@id("x") permit (principal in Workflow::"rollout", action == Action::"helpdesk.send_reply", resource);`;
    expect(await faultsOf(named)).toMatchObject([{ detail: expect.stringContaining("cannot grant") }]);
  });

  it.each<[string, Partial<typeof support>, RegExp]>([
    ["a tool in two lists", { block: ["helpdesk.search_tickets"] }, /in `allow` and in `block`/],
    ["a tool that no server has", { allow: ["helpdesk.serch_tickets"] }, /no server has/],
    ["a tool without its server", { allow: ["search_tickets"] }, /is no tool/],
    ["a name that would end a string", { allow: [`helpdesk.x"), action, resource); permit(principal`] }, /is no tool/],
    ["a count of nobody", { ask: [{ tool: "helpdesk.draft_refund", from: "sre", count: 0 }] }, /from 1 to 10/],
    ["an irreversible tool that is not granted", { irreversible: ["deploy.wipe"] }, /neither in/],
  ])("refuses %s", async (_, more, detail) => {
    const compiled = await tryCompile(sources({ workflows: [{ ...support, ...more }] }));
    expect(compiled.ok ? [] : compiled.faults.map((fault) => fault.detail).join("; ")).toMatch(detail);
  });

  it("refuses a group that nobody is in and a check that does not exist", async () => {
    const ask = { ...support, ask: [{ tool: "helpdesk.draft_refund", from: "support-lead" }] };
    expect(await tryCompile(sources({ workflows: [ask] }))).toMatchObject({ ok: false });
    const cure = (from: string) => ({
      file: "policies/own.cedar",
      text: `@id("x") @cure("approval") @from("${from}") @count("1") @open("1h") @valid("1h") @exclude("nobody")
        forbid (principal, action, resource) unless { context.facts.cured.contains("x") };`,
    });
    const people = ["ana@acme.example"];
    for (const [from, detail, meant] of [
      ["support-lead", "there is no group `support-lead` to approve", "did you mean `support-leads`?"],
      ["drii", "there is no group `drii` to approve", "did you mean `dri`?"],
      ["anna@acme.example", "there is no person `anna@acme.example` to approve", "did you mean `ana@acme.example`?"],
    ] as const) {
      expect(await tryCompile(sources({ own: [cure(from)], people }))).toMatchObject({
        ok: false,
        faults: [{ file: "policies/own.cedar", line: 1, column: 1, policy: "x", detail, help: meant }],
      });
    }
    for (const from of ["dri", "ana@acme.example", "sre"])
      expect(await tryCompile(sources({ own: [cure(from)], people }))).toMatchObject({ ok: true });
    const checks = { ...rollout, checks: [{ name: "plam" }] };
    expect(await tryCompile(sources({ workflows: [checks] }))).toMatchObject({ ok: false });
  });
});

describe("a tool that no server lists now", () => {
  const own = [
    {
      file: "policies/own.cedar",
      text: `@id("x") forbid (principal, action in [Action::"deploy.apply", Action::"deploy.status"], resource)
        when { context.args has environment && context.args.environment == "live" }
        when { action != Action::"deploy.wipe" };`,
    },
  ];
  const present = tools.filter((tool) => !tool.id.startsWith("deploy."));

  it("is a fault in a change that people make", async () => {
    expect(await tryCompile(sources({ own, tools: present, workflows: [support] }))).toMatchObject({ ok: false });
  });

  it("is denied where it is expected, while everything else is decided", async () => {
    const policies = await compile(sources({ own, tools: present, absent: "expect" }));
    expect(decide(asks(), policies).effect).toBe("allow");
    expect(decide(deploys({ tool: "deploy.status", verb: "read" }), policies).effect).toBe("deny");
    const back = await compile(sources({ own, absent: "expect" }));
    expect(decide(deploys({ tool: "deploy.status", verb: "read" }), back).effect).toBe("allow");
    const typo = [
      { file: "policies/own.cedar", text: `@id("x") forbid (principal, action, resource) when { context.typo };` },
    ];
    expect(await tryCompile(sources({ own: typo, absent: "expect" }))).toMatchObject({ ok: false });
  });
});

describe("cure soundness", () => {
  const own = `unless { context.facts.cured.contains("x") }`;
  it("takes a cure that cures", async () => {
    expect(
      await faultsOf(`@id("x") ${quorum} forbid (principal, action, resource) when { context.run.tainted } ${own};`),
    ).toEqual([]);
  });

  it.each<[string, string]>([
    ["no clause", `${quorum} forbid (principal, action, resource)`],
    [
      "another policy's id",
      `${quorum} forbid (principal, action, resource) unless { context.facts.cured.contains("y") }`,
    ],
    [
      "a condition beside it",
      `${quorum} forbid (principal, action, resource) unless { context.run.tainted && context.facts.cured.contains("x") }`,
    ],
    [
      "a way around it",
      `${quorum} forbid (principal, action, resource) unless { context.facts.cured.contains("x") || context.run.tainted }`,
    ],
    [
      "a `when` in place of `unless`",
      `${quorum} forbid (principal, action, resource) when { context.facts.cured.contains("x") }`,
    ],
    [
      "another cure's id as well",
      `${quorum} forbid (principal, action, resource) ${own} unless { context.facts.cured.contains("y") }`,
    ],
    [
      "`cured` under another name",
      `${quorum} forbid (principal, action, resource) when { context.facts has cured } ${own}`,
    ],
    ["`cured` without a cure", `forbid (principal, action, resource) unless { context.facts.cured.contains("stop") }`],
    ["`cured` as a whole", `forbid (principal, action, resource) unless { context.facts.cured.isEmpty() }`],
    ["all facts as a whole", `forbid (principal, action, resource) when { context.facts == context.facts }`],
    [
      "`cured` inside an if",
      `forbid (principal, action, resource) when { if context.run.tainted then context.facts.cured.contains("stop") else true }`,
    ],
    ["`cured` inside a record", `forbid (principal, action, resource) when { {Var: context.facts.cured} has Var }`],
  ])("refuses %s", async (_, text) => {
    expect((await faultsOf(`@id("x") ${text};`)).map((fault) => fault.detail).join("; ")).toMatch(/\bcured?\b/);
  });
});

describe("a hostile text", () => {
  const deep = `@id("x") forbid (principal, action, resource) when { ${"(".repeat(400)}true${")".repeat(400)} };`;
  const long = `@id("x") forbid (principal, action, resource) when { ${"true && ".repeat(20_000)}true };`;

  it.each([
    ["deep", deep],
    ["long", long],
    ["wide", `@id("x") forbid (principal, action, resource) when { ${"context.run.tainted && ".repeat(90)}true };`],
  ])("that is very %s is refused by its file's name, and harms no decision", async (_, text) => {
    const policies = await acme();
    const before = decide(asks(), policies);
    expect(before.effect).toBe("allow");
    expect(await faultsOf(text)).toMatchObject([{ file: "policies/own.cedar" }]);
    expect(decide(asks(), policies)).toEqual(before);
    expect((await acme()).digest).toBe(policies.digest);
  });
});
