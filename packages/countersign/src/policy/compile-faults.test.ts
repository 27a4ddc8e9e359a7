import { describe, expect, it } from "vitest";
import { rollout, sources, support } from "./acme.fixture.ts";
import { compile, type PolicySources, tryCompile } from "./compile.ts";

// What stands in the rules of workflows is told before any text is parsed.
async function faultsOf(more: Partial<PolicySources>) {
  const compiled = await tryCompile(sources(more));
  return compiled.ok ? [] : compiled.faults;
}

describe("a set whose rules are wrong", () => {
  it("is refused with its first fault, its remedy, and how many more there are", async () => {
    const refused = (workflow: object) => compile(sources({ workflows: [{ ...support, ...workflow }] }));
    const file = support.file;
    await expect(refused({ agents: ["*"] })).rejects.toMatchObject({
      code: "invalid",
      detail: "`*` would grant to every agent",
      help: "name each agent",
      at: file,
    });
    await expect(refused({ agents: ["*", "a b", "c d"] })).rejects.toMatchObject({
      help: "name each agent; and 2 more",
    });
    await expect(refused({ agents: ["a b", "c d"] })).rejects.toMatchObject({ help: "and 1 more" });
    await expect(refused({ agents: ["a b"] })).rejects.toMatchObject({
      detail: "`a b` is no name of an agent",
      help: "run `countersign policy check`",
    });
  });

  it("names tools that no server has, with what was meant, unless they are expected to come", async () => {
    const allow = [...support.allow, "helpdesk.draft_replyy"];
    const workflows = [{ ...support, allow, block: ["nothing.like_it"] }];
    expect(await faultsOf({ workflows })).toStrictEqual([
      {
        file: support.file,
        detail: "no server has a tool `helpdesk.draft_replyy`",
        help: "did you mean `helpdesk.draft_reply`?",
      },
      { file: support.file, detail: "no server has a tool `nothing.like_it`" },
    ]);
    expect(await faultsOf({ workflows: [{ ...support, allow: ["helpdesk.*"] }] })).toHaveLength(1);
  });

  it("tells what stands in the rules alone before what tools take", async () => {
    const limit = { use: "object-limit", name: "few", argument: "nobody", most: 3, per: "run", within: "1h" } as const;
    const guardrails = [{ ...limit, tools: ["helpdesk.draft_refund"] }];
    const workflows = [{ ...support, block: ["nothing.like_it"], guardrails }];
    expect(await faultsOf({ workflows })).toEqual([
      { file: support.file, detail: "no server has a tool `nothing.like_it`" },
    ]);
  });

  it("has each workflow once", async () => {
    const other = { ...rollout, workflow: support.workflow, file: "workflows/other.yaml" };
    expect(await faultsOf({ workflows: [support, other] })).toEqual([
      { file: "workflows/other.yaml", detail: "there is another workflow `support-replies`" },
    ]);
  });

  it("has guardrails that read what their tools take", async () => {
    const guardrails = [
      {
        use: "object-limit",
        name: "few",
        tools: ["helpdesk.draft_refund"],
        argument: "nobody",
        most: 3,
        per: "run",
        within: "1h",
      },
    ] as const;
    const [fault, ...others] = await faultsOf({ workflows: [{ ...support, guardrails }] });
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ file: support.file });
    expect(fault?.detail).toContain("`nobody`");
  });
});

it("a workflow for which flow is off is spared by the policies of flow, and no other is", async () => {
  const textOf = async (...workflows: PolicySources["workflows"]) => {
    const { policies } = await compile(sources({ workflows }));
    return policies.find(({ id }) => id === "flow-destination")?.text ?? "";
  };
  expect(await textOf(support, rollout)).not.toContain("principal.workflow");
  expect(await textOf(support, { ...rollout, flow: "enforce" })).not.toContain("principal.workflow");
  expect(await textOf(support, { ...rollout, flow: "off" })).toContain('["rollout"].contains(principal.workflow)');
});
