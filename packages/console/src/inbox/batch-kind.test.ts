import type { Batch } from "@countersign/client";
import { expect, it } from "vitest";
import { isAsShown, kindOf } from "./batch-kind.ts";

const item = (id: string, shownDigest = `of ${id}`) => ({
  id,
  shownDigest,
  requirements: [{ kind: "approval", policy: "ask", policyDigest: "d" }],
});
const batch = (items: readonly ReturnType<typeof item>[], more: Partial<Batch> = {}): Batch =>
  ({
    ...{
      workflow: "w",
      server: "s",
      tool: "t",
      verb: "write",
      environment: "e",
      paths: ["/a"],
      shape: ["a: 1"],
      risk: ["r"],
    },
    ...{ sample: 2, more: 0 },
    items,
    ...more,
  }) as unknown as Batch;

it("is the same whoever comes or goes, and another for another tool, argument, shape, risk or question", () => {
  const kind = kindOf(batch([item("a"), item("b")]));
  expect(kindOf(batch([item("b"), item("c"), item("d")], { more: 3 }))).toBe(kind);
  const asked = { ...item("a"), requirements: [{ kind: "approval", policy: "other", policyDigest: "d" }] };
  for (const other of [
    batch([item("a")], { tool: "u" }),
    batch([item("a")], { environment: "f" }),
    batch([item("a")], { paths: ["/a", "/b"] }),
    batch([item("a")], { shape: ["a: 2"] }),
    batch([item("a")], { risk: [] }),
    batch([asked]),
  ])
    expect(kindOf(other)).not.toBe(kind);
});

it("is as it was shown while each that was answered waits unchanged, whatever else came", () => {
  const answered = [item("a"), item("b")];
  expect(isAsShown(answered, [batch([item("c"), item("b"), item("a")])])).toBe(true);
  expect(isAsShown(answered, [batch([item("a")])])).toBe(false);
  expect(isAsShown(answered, [batch([item("a"), item("b", "another")])])).toBe(false);
  expect(isAsShown(answered, [])).toBe(false);
});
