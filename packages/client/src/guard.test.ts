import { describe, expect, it } from "vitest";
import { guard, NotAllowed } from "./guard.ts";
import { type Countersign, CountersignProblem, type SubmitBody } from "./index.ts";

function deciding(effect: "allow" | "require" | "deny", asked: SubmitBody[] = []): Pick<Countersign, "actions"> {
  const advice = {
    id: "dec_1",
    advisory: true,
    effect,
    sentence: "because",
    requirements: [],
    checks: [],
    policySet: { revision: 1, digest: "" },
    receipt: "",
  };
  const ask = async (body: SubmitBody) => {
    asked.push(body);
    return advice;
  };
  return { actions: { ask } } as unknown as Pick<Countersign, "actions">;
}

describe("a guarded function", () => {
  it("runs with what was decided on, and its caller gets the result", async () => {
    const asked: SubmitBody[] = [];
    const send = guard(deciding("allow", asked), "mail.send", ({ to }: { to: string }) => `sent to ${to}`);
    expect(await send({ to: "ana" })).toBe("sent to ana");
    expect(asked).toEqual([{ server: "mail", tool: "send", arguments: { to: "ana" } }]);
  });

  it.each(["require", "deny"] as const)("does not run on %s", async (effect) => {
    let ran = false;
    const send = guard(deciding(effect), "mail.send", () => {
      ran = true;
    });
    await expect(send({})).rejects.toThrow(NotAllowed);
    expect(ran).toBe(false);
  });

  it("does not run where the plane cannot answer", async () => {
    let ran = false;
    const silent = { actions: { ask: async () => Promise.reject(new CountersignProblem("unavailable", "no server")) } };
    const send = guard(silent as unknown as Pick<Countersign, "actions">, "mail.send", () => {
      ran = true;
    });
    await expect(send({})).rejects.toThrow("no server");
    expect(ran).toBe(false);
  });

  it("does not let arguments change between the decision and the run", async () => {
    const args = { to: "ana" };
    const plane = deciding("allow");
    const send = guard(plane, "mail.send", ({ to }: { to: string }) => to);
    const sent = send(args);
    args.to = "everyone";
    expect(await sent).toBe("ana");
  });
});
