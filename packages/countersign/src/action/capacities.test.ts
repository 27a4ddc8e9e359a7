import type { ApprovalFact, Requirement } from "@countersign/contract";
import { expect, it } from "vitest";
import { capacitiesOf, standingNow } from "./capacities.ts";
import type { Plane } from "./plane.ts";
import { standingOf } from "./resume.ts";

const groups: Readonly<Record<string, readonly string[]>> = { leads: ["ana"], dri: ["bo"] };
const planeWhere = (mayStandIn?: Plane["mayStandIn"]): Plane =>
  ({
    asked: (from: string) => groups[from] ?? [],
    ...(mayStandIn === undefined ? {} : { mayStandIn }),
  }) as unknown as Plane;

const approval = (from: string) => ({ kind: "approval", from }) as Requirement;
const given = (person: string, own: readonly string[]) => ({ person, groups: own }) as unknown as ApprovalFact;
const standing = (people: readonly string[]) =>
  standingOf({
    requirements: [approval("leads"), { kind: "wait" } as Requirement, approval("cy")],
    stand_ins: people,
  });
const named = (workflow: string, person: string) => workflow === "docs" && person === "dee";

it("somebody answers as whatever they are now, and no longer as what they were", () => {
  const nobody = standing([]);
  expect(capacitiesOf(planeWhere(named), "docs", given("ana", ["leads"]), nobody)).toEqual(["leads"]);
  expect(capacitiesOf(planeWhere(named), "docs", given("eve", ["leads"]), nobody)).toEqual([]);
  expect(capacitiesOf(planeWhere(named), "docs", given("bo", []), nobody)).toEqual(["dri"]);
});

it("to whom it was escalated answers in place of everybody who was asked", () => {
  expect(capacitiesOf(planeWhere(named), "docs", given("dee", []), standing(["dee"]))).toEqual(["leads", "cy"]);
});

it.each([
  ["it was not escalated to them", planeWhere(named), "docs", standing(["eve"])],
  ["the file in force no longer names them", planeWhere(() => false), "docs", standing(["dee"])],
  ["another workflow's file names them", planeWhere(named), "other", standing(["dee"])],
  ["nothing says who may", planeWhere(), "docs", standing(["dee"])],
])("nobody stands in where %s", (_why, plane, workflow, whose) => {
  expect(capacitiesOf(plane, workflow, given("dee", []), whose)).toEqual([]);
});

it("MT-150 whoever broke the glass stands alone while the workspace names them, and is none of those who were asked", () => {
  const by = (from: readonly string[]) => ({ ...planeWhere(), answering: { breakGlass: { by: from } } }) as never;
  const broke = { ...given("ana", ["leads"]), glass: { until: "2026-11-27T12:00:00Z" } };
  const plain = given("ana", ["leads"]);
  const both = (plane: Plane) => standingNow(plane, "docs", [broke, plain], standing([]));
  expect(both(by(["leads"]))).toEqual([{ ...broke, groups: [] }, plain]);
  for (const plane of [by(["dri"]), by([]), planeWhere()]) expect(both(plane)).toEqual([plain]);
});
