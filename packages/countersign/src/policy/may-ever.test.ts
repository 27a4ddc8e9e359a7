import { describe, expect, it } from "vitest";
import { acme, at as instant, rollout, support } from "./acme.fixture.ts";
import { mayEver } from "./may-ever.ts";

const bot = { agent: "support-bot", workflow: "support-replies" };

const at = Date.parse(instant);

describe("mayEver", () => {
  it("shows what the workflow allows or asks for, and nothing else", async () => {
    const policies = await acme();
    const shown = Object.keys(policies.tools).filter((tool) => mayEver(policies, bot, tool, at));
    expect(shown).toEqual(["helpdesk.search_tickets", "helpdesk.draft_reply", "helpdesk.draft_refund"]);
    expect(mayEver(policies, { ...bot, agent: "stranger" }, "helpdesk.search_tickets", at)).toBe(false);
    expect(mayEver(policies, { ...bot, workflow: "rollout" }, "deploy.status", at)).toBe(false);
    expect(mayEver(policies, bot, "helpdesk.unheard", at)).toBe(false);
  });

  it("hides what a guardrail always forbids, and not what it forbids sometimes", async () => {
    const policies = await acme(`
      @id("never") forbid (principal, action == Action::"helpdesk.draft_reply", resource);
      @id("others") forbid (principal in Workflow::"rollout", action == Action::"helpdesk.search_tickets", resource);
      @id("tainted") forbid (principal, action == Action::"helpdesk.draft_refund", resource) when { context.run.tainted };
      @id("watched") @mode("observe") forbid (principal, action == Action::"helpdesk.search_tickets", resource);`);
    const shown = Object.keys(policies.tools).filter((tool) => mayEver(policies, bot, tool, at));
    expect(shown).toEqual(["helpdesk.search_tickets", "helpdesk.draft_refund"]);
  });

  it("hides what is always forbidden to an agent, to its workflow or to a group of its own, and to no other", async () => {
    const never = (id: string, principal: string) =>
      `@id("${id}") forbid (principal ${principal}, action == Action::"helpdesk.draft_reply", resource);`;
    for (const [principal, shown, groups] of [
      ['== Agent::"support-bot"', false, []],
      ['== Agent::"other-bot"', true, []],
      ['== Agent::"support-replies"', true, []],
      ['in Workflow::"support-replies"', false, []],
      ['in Workflow::"support-bot"', true, []],
      ['in Group::"support-replies"', true, []],
      ['in Group::"sre"', false, ["ops", "sre"]],
      ['in Group::"sre"', true, ["ops"]],
    ] as const) {
      const policies = await acme(never("never", principal), { absent: "expect" });
      expect(mayEver(policies, { ...bot, groups }, "helpdesk.draft_reply", at), principal).toBe(shown);
      if (groups.length === 0) expect(mayEver(policies, bot, "helpdesk.draft_reply", at), principal).toBe(shown);
    }
  });

  it("looks through a set once for each tool", async () => {
    const { policies, ...rest } = await acme();
    let times = 0;
    const set = {
      ...rest,
      get policies() {
        times++;
        return policies;
      },
    };
    const shown = () => ["helpdesk.search_tickets", "helpdesk.send_reply"].map((tool) => mayEver(set, bot, tool, at));
    expect(shown()).toEqual([true, false]);
    const once = times;
    expect(once).toBeGreaterThan(0);
    expect([shown(), shown()]).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(times).toBe(once);
  });

  it("shows everything to the agent of a workflow while it is only observed", async () => {
    const mode = { mode: "observe", observeUntil: instant } as const;
    const policies = await acme("", { workflows: [{ ...support, ...mode }, rollout] });
    expect(mayEver(policies, bot, "deploy.apply", Date.parse("2026-11-22T11:00:00.000Z"))).toBe(true);
    expect(mayEver(policies, bot, "deploy.apply", at)).toBe(false);
  });
});
