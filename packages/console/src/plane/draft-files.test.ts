import { expect, it } from "vitest";
import { changedOf, filesOf, nameFault } from "./draft-files.ts";

const inForce = { "countersign.yaml": "a", "policies/x.cedar": "b" };

it("a draft is the files in force with what was written over them", () => {
  const edits = { "policies/x.cedar": null, "policies/y.cedar": "c", "countersign.yaml": "a" };
  expect(filesOf(inForce, edits)).toEqual({ "countersign.yaml": "a", "policies/y.cedar": "c" });
  expect(changedOf(inForce, edits)).toEqual(["policies/x.cedar", "policies/y.cedar"]);
  expect(changedOf(inForce, {})).toEqual([]);
});

it("a new file has a place in a workspace", () => {
  expect(nameFault("policies/night.cedar", inForce)).toBeUndefined();
  expect(nameFault("policies/x.cedar", inForce)).toContain("is there already");
  expect(nameFault("../etc/passwd", inForce)).toContain("lies in");
});
