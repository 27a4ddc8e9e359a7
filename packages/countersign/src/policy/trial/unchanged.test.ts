import { describe, expect, it } from "vitest";
import { acme, asks, deploys, rollout, support, tools } from "../acme.fixture.ts";
import { outcomeFor } from "../decide.ts";
import { unchanged } from "./unchanged.ts";

const noApply = `@id("no-apply") forbid (principal, action == Action::"deploy.apply", resource);`;
const applies = deploys();
const searches = asks();

describe("a draft that changes some policies", () => {
  it("is unchanged for the tools that none of them is about, and only for these", async () => {
    const isUnchanged = unchanged(await acme(), await acme(noApply));
    expect([isUnchanged(searches), isUnchanged(applies)]).toEqual([true, false]);
    expect([isUnchanged(searches), isUnchanged(applies)]).toEqual([true, false]);
    expect(isUnchanged(asks({ tool: "nobody.knows" }))).toBe(true);
  });

  it.each([
    ["a policy's words", { workflows: [{ ...support, ask: [] }, rollout] }, asks({ tool: "helpdesk.draft_refund" })],
    ["who is meant by a workflow", { workflows: [support, { ...rollout, agents: ["deploy-bot"] }] }, applies],
    ["what a workflow may do for good", { workflows: [support, { ...rollout, irreversible: [] }] }, applies],
    [
      "whether a workflow is only observed",
      { workflows: [support, { ...rollout, mode: "observe" as const, observeUntil: "2026-12-01T00:00:00Z" }] },
      applies,
    ],
    ["what checks there are", { checks: ["plan"], workflows: [support, { ...rollout, checks: [] }] }, applies],
    [
      "what a tool takes",
      {
        tools: tools.map((tool) =>
          tool.id === "deploy.apply"
            ? { ...tool, inputSchema: { type: "object", properties: { environment: { type: "integer" } } } }
            : tool,
        ),
      },
      applies,
    ],
    [
      "whether there is a tool",
      {
        tools: tools.filter(({ id }) => id !== "deploy.status"),
        workflows: [support, { ...rollout, allow: ["deploy.apply", "deploy.wipe"] }],
      },
      deploys({ tool: "deploy.status", verb: "read" }),
    ],
  ])("is changed where it says otherwise %s", async (_, more, input) => {
    const [one, other] = [await acme(), await acme("", more)];
    expect(unchanged(one, other)(input)).toBe(false);
    expect(unchanged(one, await acme())(input)).toBe(true);
  });

  it("says the same wherever it is unchanged, and is changed wherever it says another thing", async () => {
    const [one, other] = [await acme(), await acme(noApply, { workflows: [{ ...support, allow: [] }, rollout] })];
    const isUnchanged = unchanged(one, other);
    const inputs = tools.flatMap(({ id: tool }) =>
      (["read", "propose", "execute"] as const).flatMap((verb) => [asks({ tool, verb }), deploys({ tool, verb })]),
    );
    const seen = { same: 0, other: 0 };
    for (const input of inputs) {
      const isSame = JSON.stringify(outcomeFor(input, one)) === JSON.stringify(outcomeFor(input, other));
      seen[isSame ? "same" : "other"]++;
      if (isUnchanged(input)) expect(isSame).toBe(true);
    }
    expect(seen.same).toBeGreaterThan(10);
    expect(seen.other).toBeGreaterThan(2);
  });
});
