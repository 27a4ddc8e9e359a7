import { canonical, type Json } from "@countersign/contract";
import fc from "fast-check";
import { expect, it } from "vitest";
import { digestText } from "../../floor/digest.ts";
import { asks } from "../acme.fixture.ts";
import { storedDigest } from "./stored-digest.ts";

const read = (input: object) => JSON.parse(canonical(input as Json));
const digest = (input: object): string => digestText(canonical(input as Json));

it("is found of what was read from canonical text, and of nothing else", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (args, note) => {
      fc.pre(`${note}${JSON.stringify(args)}`.isWellFormed());
      let input: object;
      try {
        input = read({ ...asks(), args, note } as object);
      } catch {
        return;
      }
      const found = storedDigest(input as never, digest(input));
      // Names that look like numbers come first in an object, whatever their place in the text.
      if (JSON.stringify(input) === canonical(input as Json)) expect(found).toBe(digest(input));
      else expect(found).toBeUndefined();
      expect(storedDigest(input as never, digest({ ...input, note: `${note}!` }))).toBeUndefined();
    }),
  );
});

it("is not found where members stand in another order, which says nothing against them", () => {
  const { v, ...rest } = read(asks());
  expect(storedDigest({ ...rest, v }, digest(asks()))).toBe(digest(asks()));
  expect(storedDigest({ v, ...rest }, digest(asks()))).toBeUndefined();
});
