import type { FlowFacts } from "@countersign/contract";
import { expect, it } from "vitest";
import { flowPolicies, flowReason, flowSentence } from "./flow-sentence.ts";

const tainted = (more: object = {}): FlowFacts =>
  ({
    effect: "irreversible",
    brings: "internal",
    tainted: true,
    sources: [],
    read: [],
    origins: [],
    ...more,
  }) as FlowFacts;
const read = (...tools: readonly string[]) => ({ sources: tools.map((tool) => ({ tool })) });

it("why what a run has read matters is said where it does", () => {
  expect(flowSentence(undefined)).toBeUndefined();
  expect(flowSentence(tainted({ tainted: false }))).toBeUndefined();
  expect(flowSentence({ effect: "read", brings: "internal" } as FlowFacts)).toBeUndefined();
  const nobody = "nobody opened its run with a task, so anybody may have told it what to do";
  expect(flowSentence(tainted())).toBe(nobody);
  expect(flowSentence(tainted({ sources: undefined }))).toBe(nobody);
  expect(flowSentence(tainted(read("a.b")))).toBe("its run has read `a.b`, where others may write");
  expect(flowSentence(tainted(read("a", "b", "a", "c")))).toBe(
    "its run has read `a`, `b`, `c`, where others may write",
  );
  expect(flowSentence(tainted(read("a", "b", "c", "d", "e")))).toBe(
    "its run has read `a`, `b`, `c` and 2 more, where others may write",
  );
  expect(flowSentence(tainted(read("x".repeat(101))))).toContain(`read \`${"x".repeat(100)}\`, where`);
});

it("where a call goes is said of what others wrote, and of what stands nowhere", () => {
  const to = (destinations: object, ...tools: readonly string[]) =>
    flowSentence(tainted({ ...read(...tools), destinations }));
  const start = "its run has read `a`, where others may write";
  expect(to({ to: "task", cc: "endorsed" }, "a")).toBe(start);
  expect(to({ to: "untrusted" }, "a")).toBe(`${start}, and \`to\` is what it read there`);
  expect(to({ to: "untrusted", cc: "untrusted" }, "a")).toBe(`${start}, and \`to\`, \`cc\` are what it read there`);
  expect(to({ to: "none" }, "a")).toBe(`${start}, and \`to\` stands in no task and in no answer`);
  expect(to({ to: "none", cc: "none" }, "a")).toBe(`${start}, and \`to\`, \`cc\` stand in no task and in no answer`);
  expect(to({ to: "none", cc: "untrusted" }, "a")).toBe(
    `${start}, and \`cc\` is what it read there, and \`to\` stands in no task and in no answer`,
  );
  // Where nothing was read, there is no answer in which it could stand.
  expect(to({ to: "none" })).toBe("nobody opened its run with a task, so anybody may have told it what to do");
});

it("what its task does not name is said where a call would let it leave to where the task says", () => {
  const start = "its run has read `a`, where others may write";
  const of = (more: object) =>
    flowSentence(tainted({ ...read("a"), effect: "egress", origins: ["endorsed", "task"], ...more }));
  expect(of({ beyond: ["personal"] })).toBe(
    `${start}, and it has read what is personal, of records that its task does not name`,
  );
  expect(of({ beyond: ["personal", "secret"] })).toContain("and it has read what is personal and secret, of records");
  const others = [
    { beyond: [] },
    {},
    { beyond: ["personal"], origins: ["none"] },
    { beyond: ["secret"], effect: "read" },
  ];
  for (const more of [...others, { beyond: ["secret"], origins: undefined }]) expect(of(more)).toBe(start);
});

it("it is a part of a sentence where one of the policies of flow asks", () => {
  const facts = { flow: tainted(read("a")) } as never;
  for (const policy of flowPolicies)
    expect(flowReason(["other", policy], { facts })).toBe(", since its run has read `a`, where others may write");
  expect(flowPolicies).toEqual(["flow-destination", "flow-confidential", "flow-beyond", "flow-scope"]);
  expect(flowReason(["other"], { facts })).toBe("");
  expect(flowReason([], { facts })).toBe("");
  expect(flowReason(["flow-scope"], { facts: { flow: tainted({ tainted: false }) } as never })).toBe("");
});
