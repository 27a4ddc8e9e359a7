import fc from "fast-check";
import { expect, it } from "vitest";
import { definitionDifference, wordPieces } from "./word-difference.ts";

it("a definition's difference names each word that came and went, description before schemas", () => {
  const before = { name: "send", description: "Sends a mail to one person", inputSchema: { type: "object" } };
  const after = {
    ...before,
    description: "Sends a mail to any person",
    inputSchema: { type: "object", required: ["to"] },
  };
  const { changed, same } = definitionDifference(before, after);
  expect(changed.map(({ member }) => member)).toEqual(["description", "inputSchema"]);
  expect(changed[0]?.pieces.filter(({ kind }) => kind !== "same")).toEqual([
    { kind: "gone", text: "one" },
    { kind: "new", text: "any" },
  ]);
  expect(same).toEqual(["name"]);
});

it("a tool that nobody reviewed is new, whole", () => {
  const { changed } = definitionDifference(undefined, { name: "x", description: "words" });
  expect(changed.flatMap(({ pieces }) => pieces).every(({ kind }) => kind === "new")).toBe(true);
});

it("nothing is lost: what stays and goes is the old text, what stays and comes the new one", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({ unit: "binary", maxLength: 60 }),
      (was, is) => {
        const pieces = wordPieces(was, is);
        const said = (leaving: string): string =>
          pieces
            .filter(({ kind }) => kind !== leaving)
            .map(({ text }) => text)
            .join("");
        expect(said("new")).toBe(was);
        expect(said("gone")).toBe(is);
      },
    ),
    { numRuns: 200 },
  );
});
