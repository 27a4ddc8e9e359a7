import type { Decision } from "@countersign/contract";
import { expect, it } from "vitest";
import { acme, asks } from "../acme.fixture.ts";
import { decide } from "../decide.ts";
import { differingMembers } from "./differing-members.ts";

const said = decide(asks(), await acme());
const again = (more: object): Decision => ({ ...said, ...more }) as Decision;

it("finds nothing where only the measurement differs, or where a member is undefined and the other absent", () => {
  expect(differingMembers(said, structuredClone(said))).toBeUndefined();
  expect(differingMembers(said, again({ micros: 7 }))).toBeUndefined();
  expect(differingMembers(said, again({ observed: undefined }))).toBeUndefined();
  expect(differingMembers(again({ observed: undefined }), said)).toBeUndefined();
});

it.each<[string, object, readonly string[]]>([
  ["a text", { sentence: `${said.sentence}.` }, ["sentence"]],
  ["a number where a text was", { sentence: 1 }, ["sentence"]],
  ["null where a text was", { sentence: null }, ["sentence"]],
  ["a member more", { observed: "deny" }, ["observed"]],
  ["a list that is longer", { determining: [...said.determining, ...said.determining] }, ["determining"]],
  ["a list that is shorter", { determining: [] }, ["determining"]],
  ["an object where a list was", { determining: { ...said.determining } }, ["determining"]],
  ["something inside", { policySet: { ...said.policySet, revision: 8 }, errors: ["x"] }, ["errors", "policySet"]],
  ["another name inside", { policySet: { digest: said.policySet.digest, revisions: 7 } }, ["policySet"]],
  ["one name less inside", { policySet: { digest: said.policySet.digest } }, ["policySet"]],
])("names what differs: %s", (_, more, members) => {
  expect(differingMembers(said, again(more))).toEqual(members);
  expect(differingMembers(again(more), said)).toEqual(members);
});
