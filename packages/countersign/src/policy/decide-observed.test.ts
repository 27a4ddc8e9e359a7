import { describe, expect, it } from "vitest";
import { asks } from "./acme.fixture.ts";
import { decide } from "./decide.ts";
import { asking, forbid, permit, smallSet } from "./small-set.fixture.ts";

const asked = { tool: "s.t", verb: "execute", principal: { agent: "bot", workflow: "w" } } as const;
const call = asks(asked);
const watched = (text: string) => text.replace(/^/, '@mode("observe") ');
const decided = (own: string, more: Parameters<typeof smallSet>[2] = {}) => {
  const { effect, observed, requirements, sentence, determining } = decide(call, smallSet(permit("may"), own, more));
  return { effect, observed, requirements: requirements.length, sentence, by: determining.map(({ id }) => id) };
};
const always = "when { true }";

describe("a policy that is only observed", () => {
  it("is told where it would have been stricter, and decides nothing", () => {
    expect(decided("")).toMatchObject({ effect: "allow", observed: undefined });
    expect(decided(watched(forbid("no", always)))).toMatchObject({ effect: "allow", observed: "deny", by: ["may"] });
    expect(decided(watched(asking("ask")))).toMatchObject({ effect: "allow", observed: "require", requirements: 0 });
    const both = decided(`${watched(forbid("no", always))}\n${asking("ask")}`);
    expect(both).toMatchObject({ effect: "require", observed: "deny", requirements: 1 });
    expect(decided(`${watched(asking("more"))}\n${asking("ask")}`)).toMatchObject({
      effect: "require",
      observed: undefined,
      requirements: 1,
    });
    expect(decided(`${watched(asking("ask"))}\n${forbid("no", always)}`)).toMatchObject({
      effect: "deny",
      observed: undefined,
    });
    expect(decided(watched(forbid("no", "when { false }")))).toMatchObject({ effect: "allow", observed: undefined });
  });

  it("of a workflow lets pass what nothing final stops, and says what would have been", () => {
    const observe = { workflows: { w: { agents: ["bot"], mode: "observe", irreversible: [] } } } as const;
    expect(decided(forbid("no", always), observe)).toMatchObject({
      effect: "allow",
      observed: "deny",
      sentence: expect.stringMatching(/^allowed: workflow `w` is only observed. It would have been refused by `no`/),
    });
    expect(decided(asking("ask"), observe)).toMatchObject({ effect: "allow", observed: "require", requirements: 0 });
    expect(decided("", observe)).toMatchObject({ effect: "allow", observed: undefined });
    expect(decided(forbid("errs", "when { context.facts.counts.none == 1 }"), observe)).toMatchObject({
      effect: "deny",
      observed: undefined,
    });
    const ended = { workflows: { w: { ...observe.workflows.w, observeUntil: call.at } } };
    expect(decided(forbid("no", always), ended)).toMatchObject({ effect: "deny", observed: undefined });
    const others = { workflows: { w: { ...observe.workflows.w, agents: ["other"] } } };
    expect(decided(forbid("no", always), others)).toMatchObject({ effect: "deny", observed: undefined });
  });

  it("of a workflow lets no execution pass in production, and none at all where its pattern writes nothing", () => {
    const observe = { agents: ["bot"], mode: "observe", irreversible: [] } as const;
    for (const [own, refusedAs] of [
      [forbid("no", always), "deny"],
      [asking("ask"), "require"],
    ] as const) {
      for (const writesNothing of [false, true]) {
        const w = { ...observe, ...(writesNothing ? { writesNothing } : {}) };
        const set = smallSet(permit("may"), own, { workflows: { w } });
        for (const verb of ["read", "propose", "execute"] as const) {
          for (const production of [false, true]) {
            const { effect, observed } = decide(asks({ ...asked, verb, production }), set);
            const isLet = verb !== "execute" || (!production && !writesNothing);
            const now = isLet ? { effect: "allow", observed: refusedAs } : { effect: refusedAs, observed: undefined };
            expect({ effect, observed }, `${verb} ${production} ${writesNothing}`).toEqual(now);
          }
        }
      }
    }
    // What is allowed needs nobody's leave.
    const w = { ...observe, writesNothing: true } as const;
    expect(
      decide(asks({ ...asked, verb: "execute", production: true }), smallSet(permit("may"), "", { workflows: { w } }))
        .effect,
    ).toBe("allow");
  });
});
