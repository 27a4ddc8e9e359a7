import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { expect, it } from "vitest";
import { narrowSchema } from "./narrow-schema.ts";

const appliesTo = { principalTypes: ["Agent"], resourceTypes: ["Target"] };
const actions = {
  read: {},
  write: { memberOf: [{ id: "any" }] },
  any: { memberOf: [{ id: "write" }] },
  "s.t": { memberOf: [{ id: "read" }, { id: "write" }], appliesTo },
  "s.u": { memberOf: [{ id: "read" }], appliesTo },
  "s.v": { appliesTo },
};
const types = { entityTypes: { Agent: {}, Target: {} }, commonTypes: {} };
const schema = { "": { ...types, actions } };

const policy = (action: string, when = "true"): cedar.PolicyJson => {
  const read = cedar.policyToJson(`forbid (principal, ${action}, resource) when { ${when} };`);
  if (read.type === "failure") throw new Error(read.errors[0]?.message);
  return read.json;
};
const left = (...policies: readonly cedar.PolicyJson[]) => narrowSchema(policies, schema)?.[""];
const namesLeft = (...policies: readonly cedar.PolicyJson[]) => Object.keys(left(...policies)?.actions ?? {}).sort();

it("a schema is narrowed to the actions that policies name, wherever they name them, with all that these are in", () => {
  const one = 'action == Action::"s.t"';
  expect(left(policy(one))).toEqual({
    ...types,
    actions: { "s.t": actions["s.t"], read: actions.read, write: actions.write, any: actions.any },
  });
  expect(namesLeft(policy('action == Action::"s.v"'))).toEqual(["s.v"]);
  expect(namesLeft(policy('action in [Action::"s.v", Action::"s.u"]'))).toEqual(["read", "s.u", "s.v"]);
  expect(namesLeft(policy('action == Action::"s.v"', 'action != Action::"s.u"'))).toEqual(["read", "s.u", "s.v"]);
  expect(namesLeft(policy('action == Action::"s.v"'), policy('action == Action::"s.u"'))).toHaveLength(3);
  expect(namesLeft()).toEqual([]);
});

it("what the schema does not know is not in it, whatever its name", () => {
  expect(namesLeft(policy('action in [Action::"s.v", Action::"s.gone", Action::"toString"]'))).toEqual(["s.v"]);
});

it("it is not narrowed where a policy can match whatever action", () => {
  for (const any of ["action", 'action in Action::"read"', 'action in [Action::"s.v", Action::"execute"]'])
    expect(narrowSchema([policy('action == Action::"s.v"'), policy(any)], schema), any).toBeUndefined();
  expect(narrowSchema([policy('action == Action::"s.v"')], {})).toBeUndefined();
});
