import type { DecisionInput, FlowFacts } from "@countersign/contract";
import { expect, it } from "vitest";
import { ofToday } from "./of-today.ts";

const inputWith = (flow: FlowFacts | undefined): DecisionInput =>
  ({ v: 1, facts: { stopped: false, ...(flow === undefined ? {} : { flow }) } }) as unknown as DecisionInput;
const flow: FlowFacts = { effect: "egress", brings: "public", tainted: true, read: ["internal", "personal", "secret"] };

it("an egress from before knows of no record that its task named", () => {
  expect(ofToday(inputWith(flow))).toEqual(inputWith({ ...flow, beyond: ["personal", "secret"] }));
});

it("what does not leave tells nobody", () => {
  const write: FlowFacts = { ...flow, effect: "reversible" };
  expect(ofToday(inputWith(write))).toEqual(inputWith({ ...write, beyond: [] }));
});

it("an input that has all that is asked stays the same one", () => {
  const plain: FlowFacts = { effect: "read", brings: "public" };
  for (const input of [inputWith({ ...flow, beyond: [] }), inputWith(plain), inputWith(undefined)])
    expect(ofToday(input)).toBe(input);
});
