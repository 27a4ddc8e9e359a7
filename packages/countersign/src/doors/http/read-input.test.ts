import * as api from "@countersign/contract/api";
import { expect, it } from "vitest";
import { z } from "zod";
import { Problem } from "../../floor/problem.ts";
import { readInput } from "./read-input.ts";

const fault = (schema: z.ZodType, value: unknown): Problem => {
  try {
    readInput(schema, value, "body");
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  throw new Error("it was taken");
};

it.each([
  [{ tool: "t", arguments: {} }, "/server", "`server` is missing"],
  [{ server: 1, tool: "t", arguments: {} }, "/server", "`server` is a number; expected a string"],
  [{ server: "a b", tool: "t", arguments: {} }, "/server", "`server` does not have the form that is expected here"],
  [{ server: "a", tool: "t", arguments: [] }, "/arguments", "`arguments` does not fit: expected an object"],
  [{ server: "a", tool: "t", arguments: {}, waitMs: 1.5 }, "/waitMs", "`waitMs` is a number; expected a whole number"],
  [{ server: "a", tool: "t", arguments: {}, waitMs: 9e9 }, "/waitMs", "`waitMs` is too large: at most 60000"],
  [{ server: "a", tool: "t", arguments: {}, "x/~y": 1 }, "/x~1~0y", "there is no member `x/~y` here"],
])("%j", (value, at, detail) => {
  expect(fault(api.submitBody, value)).toMatchObject({ code: "invalid", at, detail });
});

it("what a caller wrote cannot hide in the answer", () => {
  const name = `\u202e\`${"x".repeat(200)}`;
  const { detail } = fault(z.strictObject({}), { [name]: 1 });
  expect(detail).not.toMatch(/\u202e|``/);
  expect(detail.length).toBeLessThan(120);
});
