import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../floor/secret.ts";
import type { Caller } from "../../identity/caller.ts";
import { openState, type Sealed, type StateUse, sealState } from "./request-state.ts";

const caller: Caller = {
  kind: "agent",
  agent: "robot",
  owner: "ana@acme.example",
  workflow: "support",
  dri: "ana@acme.example",
  tier: 1,
  groups: [],
  credential: "key_1",
};
const use: StateUse = { caller, server: "helpdesk", method: "tools/call", args: { tool: "reply", args: { to: "x" } } };
const sealed: Sealed = { kind: "upstream", action: "act_1", state: "the server's own words" };
const key = new Secret("first key of these tests");

describe("a request state", () => {
  it("comes back as it was sealed, also after the key was changed", () => {
    const text = sealState(sealed, use, 1_000, [key]);
    expect(openState(text, use, 999, [key])).toEqual(sealed);
    expect(openState(text, use, 999, [new Secret("a newer key"), key])).toEqual(sealed);
    expect(text).not.toContain(Buffer.from("own words").toString("base64url").slice(2, -2));
  });

  it.each<[string, Partial<StateUse>]>([
    ["another agent", { caller: { ...caller, agent: "other" } }],
    ["another workflow", { caller: { ...caller, workflow: "other" } }],
    ["another person", { caller: { ...caller, onBehalfOf: "bo@acme.example" } }],
    ["another server", { server: "crm" }],
    ["another method", { method: "prompts/get" }],
    ["other arguments", { args: { tool: "reply", args: { to: "y" } } }],
    ["another tool", { args: { tool: "delete", args: { to: "x" } } }],
  ])("is of no use to %s", (_what, more) => {
    expect(() => openState(sealState(sealed, use, 1_000, [key]), { ...use, ...more }, 0, [key])).toThrow(
      "not one that this plane gave",
    );
  });

  it("ends", () => {
    expect(() => openState(sealState(sealed, use, 1_000, [key]), use, 1_001, [key])).toThrow("expired");
  });

  it("with any bit changed, or made up, opens nothing", () => {
    const bytes = Buffer.from(sealState(sealed, use, 1_000, [key]), "base64url");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), (bit) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(() => openState(changed.toString("base64url"), use, 0, [key])).toThrow();
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void expect(() => openState(text, use, 0, [key])).toThrow()));
  });
});
