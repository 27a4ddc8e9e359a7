import { describe, expect, it } from "vitest";
import { asks } from "./acme.fixture.ts";
import { nearMisses } from "./near-miss.ts";
import type { CompiledPolicy } from "./policy.ts";
import type { Slice } from "./slice.ts";

const policy = (id: string, principal: CompiledPolicy["principal"], effect: "permit" | "forbid" = "permit") =>
  ({ id, effect, principal }) as CompiledPolicy;
const input = asks({ principal: { groups: ["sre"] } });
const told = (...policies: readonly CompiledPolicy[]) =>
  nearMisses({ policies } as unknown as Slice, ["held"], input).map(({ policy: id, sentence }) => `${id}: ${sentence}`);

describe("a permit that did not hold", () => {
  it("is told with whom it is for, to operators", () => {
    expect(
      told(
        policy("w", { type: "Workflow", id: "rollout" }),
        policy("a", { type: "Agent", id: "deploy-bot" }),
        policy("g", { type: "Group", id: "finance" }),
      ),
    ).toEqual([
      "w: it is for workflow `rollout`, and the call came in `support-replies`",
      "a: it is for agent `deploy-bot`",
      "g: it is for group `finance`",
    ]);
  });

  it("for this very caller has conditions that do not hold", () => {
    const here = "its conditions do not hold for agent `support-bot`";
    expect(
      told(
        policy("w", { type: "Workflow", id: "support-replies" }),
        policy("a", { type: "Agent", id: "support-bot" }),
        policy("g", { type: "Group", id: "sre" }),
        policy("all", null),
      ),
    ).toEqual([`w: ${here}`, `a: ${here}`, `g: ${here}`, `all: ${here}`]);
  });

  it("is none that held, and no forbid", () => {
    expect(told(policy("held", null), policy("f", null, "forbid"))).toEqual([]);
  });
});
