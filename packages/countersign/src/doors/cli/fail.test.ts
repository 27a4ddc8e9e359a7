import { expect, it } from "vitest";
import { failureText } from "./fail.ts";
import { paintFor } from "./paint.ts";

const plain = paintFor(false, {});
const body = {
  code: "invalid",
  title: "t",
  status: 400,
  retry: false,
  detail: "the first one",
  at: "a.yaml:1:2",
} as const;
const fault = { file: "a.yaml", line: 1, column: 2, message: "the first one", severity: "error" } as const;

it("a fault of a file is told once, with its place", () => {
  const text = failureText({ exit: 2, body: { ...body, help: "do this", faults: [fault] } as never }, false, plain);
  expect(text.split("\n")).toEqual(["a.yaml:1:2: error: the first one", "error: there is 1 error (do this)"]);
  const two = { ...body, faults: [fault, { ...fault, line: 3 }, { ...fault, severity: "warning" }] };
  expect(failureText({ exit: 2, body: two as never }, false, plain)).toMatch(/error: there are 2 errors$/);
  expect(failureText({ exit: 2, body: body as never }, false, plain)).toBe("error: the first one at a.yaml:1:2");
});
