import { expect, it } from "vitest";
import type { OpenAction } from "../action/index.ts";
import { questionNotice } from "./notice-of.ts";

const open = {
  id: "act_1",
  workflow: "docs",
  agent: "scribe",
  server: "files",
  tool: "write_file",
  verb: "execute",
  target: "/a.md",
  environment: "sandbox",
  sentence: "held",
} as unknown as OpenAction;
const headline = (of: OpenAction) => questionNotice("approval.asked", of, { event: "e", people: [] }).body.headline;

it("a notice of an undo says who asks to undo what, and of a claim nothing", () => {
  expect(headline({ ...open, undoes: { action: "act_0", by: "bo@acme.example" } })).toBe(
    "Asked: bo@acme.example asks to undo act_0, with files.write_file on /a.md",
  );
  expect(headline({ ...open, claim: "reverses act_0: bo@acme.example asks to undo act_0" })).toBe(
    "Asked: scribe wants to use files.write_file on /a.md",
  );
});
