import { expect, it } from "vitest";
import { lineRows } from "./line-rows.ts";

const many = Array.from({ length: 20 }, (_, at) => `line ${at}`);

it("shows what differs, a little around it, and how much was left out", () => {
  const after = many.with(10, "another").join("\n");
  const rows = lineRows(many.join("\n"), after, 1);
  expect(rows).toEqual([
    { kind: "left out", text: "9 lines as before" },
    { kind: "same", text: "line 9" },
    { kind: "gone", text: "line 10" },
    { kind: "new", text: "another" },
    { kind: "same", text: "line 11" },
    { kind: "left out", text: "8 lines as before" },
  ]);
});

it("equal texts have no difference", () => {
  expect(lineRows("a\nb\n", "a\nb\n")).toEqual([{ kind: "left out", text: "2 lines as before" }]);
});
