import { describe, expect, it } from "vitest";
import { approval, asks, callDigest } from "./acme.fixture.ts";
import { type Cure, cureState, readCure, requirementsOf } from "./cure.ts";

const annotations = { cure: "approval", from: "leads", count: "1", open: "4h", valid: "1h", exclude: "requester" };
const cure = (more: object = {}) =>
  ({ kind: "approval", from: "leads", count: 1, exclude: [], openMs: 1, validMs: 3_600_000, ...more }) as Cure;

describe("a passkey", () => {
  it("is asked for as the policy says", () => {
    for (const passkey of ["always", "never"])
      expect(readCure({ ...annotations, passkey })).toMatchObject({ ok: { passkey } });
    expect(readCure(annotations)).toMatchObject({ ok: { kind: "approval", from: "leads" } });
    for (const passkey of ["", "Always", "yes"])
      expect(readCure({ ...annotations, passkey })).toEqual({
        fault: `\`@passkey\` is \`${passkey}\``,
        help: "`always` or `never`",
      });
    for (const grants of ["yes", "production"])
      expect(readCure({ ...annotations, grants })).toMatchObject({ ok: { grants } });
    expect(readCure({ ...annotations, grants: "no" })).toEqual({
      fault: "`@grants` is `no`",
      help: "`yes`, or `production` for tier 3 in production, too",
    });
    const read = readCure(annotations);
    expect("ok" in read && read.ok).not.toHaveProperty("passkey");
    expect("ok" in read && read.ok).not.toHaveProperty("grants");
  });

  it("counts alone where the policy says so, or where nothing undoes the call in production", () => {
    const needs = (of: Cure, production: boolean, verb: "execute" | "read", reversal: "none" | "plan") => {
      const policy = { id: "p", digest: "", cure: of };
      const input = asks({
        production,
        verb,
        facts: { reversal, approvals: [approval({ policies: [] } as never, "p", { groups: ["leads"], callDigest })] },
      });
      const state = cureState(policy, input);
      const [asked] = requirementsOf(policy, { kind: "open" }, input);
      // One that no passkey signed counts where none is needed.
      expect(state.kind).toBe(asked !== undefined && "passkey" in asked ? "open" : "met");
      expect(asked?.sentence.includes("signed with a passkey")).toBe(state.kind === "open");
      return state.kind === "open";
    };
    expect(needs(cure(), true, "execute", "none")).toBe(true);
    expect(needs(cure(), true, "execute", "plan")).toBe(false);
    expect(needs(cure(), false, "execute", "none")).toBe(false);
    expect(needs(cure(), true, "read", "none")).toBe(false);
    expect(needs(cure({ passkey: "always" }), false, "read", "plan")).toBe(true);
    expect(needs(cure({ passkey: "never" }), true, "execute", "none")).toBe(false);
  });
});
