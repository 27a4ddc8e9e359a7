import { expect, it } from "vitest";
import { movedOn } from "./rule-base.ts";

const base = { digest: "sha256:1", files: { "workflows/a.yaml": "a", "policies/x.cedar": "x" } };
const rule = { file: "workflows/a.yaml", text: "a and more", base };

it("a rule over the files in force has not been overtaken", () => {
  expect(movedOn(rule, base)).toBeUndefined();
});

it("a change of its own file is one that its text would take back; one of another file is not", () => {
  const own = { digest: "sha256:2", files: { ...base.files, "workflows/a.yaml": "b" } };
  expect(movedOn(rule, own)).toEqual({ changed: ["workflows/a.yaml"], keeps: false, isInForce: false });
  const other = { digest: "sha256:3", files: { "workflows/a.yaml": "a", "policies/y.cedar": "y" } };
  expect(movedOn(rule, other)).toEqual({
    changed: ["policies/x.cedar", "policies/y.cedar"],
    keeps: true,
    isInForce: false,
  });
});

it("what is in force as it is written takes nothing back; a new file that somebody else wrote meanwhile does", () => {
  const signed = { digest: "sha256:4", files: { ...base.files, "workflows/a.yaml": rule.text } };
  expect(movedOn(rule, signed)).toMatchObject({ keeps: true, isInForce: true });
  const fresh = { ...rule, file: "policies/new.cedar" };
  const taken = { digest: "sha256:5", files: { ...base.files, "policies/new.cedar": "theirs" } };
  expect(movedOn(fresh, taken)).toMatchObject({ changed: ["policies/new.cedar"], keeps: false });
});
