import { describe, expect, it } from "vitest";
import type { CallFlow } from "../catalog/index.ts";
import { marksOf } from "./mark.ts";

const call = (result: Partial<CallFlow["result"]>): CallFlow => ({
  effect: "read",
  destinations: [],
  result: { integrity: "trusted", confidentiality: "public", fields: [], ...result },
});
const taint = { kind: "taint", label: "untrusted", tool: "mail.read", action: "act_1" };
const of = (flow: CallFlow) => marksOf(flow, "mail.read", "act_1");

describe("what a call brings into its family", () => {
  it("is nothing where trusted people wrote what anybody may read", () => {
    expect(of(call({}))).toEqual([]);
    expect(of(call({ fields: [{ at: "id", integrity: "trusted" }, { at: "note" }] }))).toEqual([]);
  });

  it("is a taint where others wrote it, or any part of it", () => {
    expect(of(call({ integrity: "untrusted" }))).toEqual([taint]);
    const fields = [{ at: "id", integrity: "trusted" } as const, { at: "body", integrity: "untrusted" } as const];
    expect(of(call({ fields }))).toEqual([taint]);
    expect(of(call({ fields: [{ at: "id", endorse: { type: "integer" } }] }))).toEqual([taint]);
    expect(of(call({ integrity: "untrusted", fields: [{ at: "id", integrity: "trusted" }] }))).toEqual([taint]);
  });

  it.each(["internal", "personal", "secret"] as const)("is that %s data were read", (confidentiality) => {
    const read = { kind: "read", label: confidentiality, tool: "mail.read", action: "act_1" };
    expect(of(call({ confidentiality }))).toEqual([read]);
    expect(of(call({ confidentiality, integrity: "untrusted" }))).toEqual([taint, read]);
  });
});
