import { expect, it } from "vitest";
import { canonical } from "./canonical.ts";
import { shapeOf } from "./member-order.ts";

/** Sixty names that nobody else sends; the first tells them apart. */
const names = (who: string): string[] => Array.from({ length: 60 }, (_, at) => `${who}.${at}`);

it("a shape is put in order once, as long as it is kept", () => {
  const shape = shapeOf(["b", "a"]);
  expect(shape).toMatchObject({ sorted: ["a", "b"] });
  expect(shapeOf(["b", "a"])).toBe(shape);
  expect(shapeOf(["a", "b"])).not.toBe(shape);
});

it("what others send fills what is kept of names once, and it begins anew", () => {
  const first = shapeOf(["b", "a"]);
  // As many shapes as this are kept where they are short: it is the names that are counted.
  const sent = Array.from({ length: 300 }, (_, at) => names(`one${at}`));
  for (const each of sent) shapeOf(each);
  expect(shapeOf(["b", "a"])).not.toBe(first);
  // What came last is kept, and counted from there on.
  const last = shapeOf(sent.at(-1) ?? []);
  expect(shapeOf(sent.at(-1) ?? [])).toBe(last);
  for (let at = 0; at < 100; at++) shapeOf(names(`two${at}`));
  expect(shapeOf(sent.at(-1) ?? [])).toBe(last);
});

it("short shapes of the same number are all kept", () => {
  const first = shapeOf(["d", "c"]);
  for (let at = 0; at < 300; at++) shapeOf([`short${at}`, "c"]);
  expect(shapeOf(["d", "c"])).toBe(first);
});

it("an object of very many or very long names is written all the same, and not kept", () => {
  const many = Array.from({ length: 65 }, (_, at) => `many${at}`);
  expect(shapeOf(many)).not.toBe(shapeOf(many));
  const long = ["a", "x".repeat(65)];
  expect(shapeOf(long)).not.toBe(shapeOf(long));
  expect(canonical({ b: 1, a: "x" })).toBe('{"a":"x","b":1}');
});
