import { expect, it } from "vitest";
import { failureText, withHelp } from "./fail.ts";
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

it("what helps is said in the reader's words, of the whole and of each fault, and the rest is left as it is", () => {
  const faults = [{ ...fault, message: "until `countersign up`", help: "run `countersign plan`" }, fault];
  const whole = { ...body, detail: "of `countersign x`", help: "run `countersign check`", faults };
  const said = (text: string) => text.replaceAll("`countersign ", "`npx countersign ");
  expect(withHelp({ exit: 2, body: whole as never }, said)).toEqual({
    exit: 2,
    body: {
      ...whole,
      help: "run `npx countersign check`",
      faults: [{ ...fault, message: "until `npx countersign up`", help: "run `npx countersign plan`" }, fault],
    },
  });
  expect(withHelp({ exit: 2, body: body as never }, said)).toEqual({ exit: 2, body });
});
