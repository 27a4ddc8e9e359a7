import type { Json } from "@countersign/contract";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { hostile, read } from "./clean.fixture.ts";
import { normalise, normalisers } from "./normalise.ts";
import type { Attribute } from "./shape.ts";
import { loadSqlParser } from "./sql-parser.ts";
import { normaliserNames } from "./wanted.ts";

beforeAll(() => loadSqlParser());

const typed: { readonly [attribute in Attribute]: (value: Json | undefined) => boolean } = {
  text: (value) => typeof value === "string",
  texts: (value) => isSorted(value) && value.every((one) => typeof one === "string"),
  long: (value) => Number.isSafeInteger(value),
  longs: (value) => isSorted(value) && value.every((one) => Number.isSafeInteger(one)),
  boolean: (value) => typeof value === "boolean",
};

function isSorted(value: Json | undefined): value is readonly (string | number)[] {
  return (
    Array.isArray(value) &&
    value.every((one: Json, index) => index === 0 || (one ?? 0) > (value[index - 1] as string | number))
  );
}

describe("every normaliser", () => {
  it.each(normaliserNames.flatMap((name) => hostile.map(([what, value]) => [name, what, value] as const)))(
    "%s makes no value of %s",
    (name, _, value) => {
      expect(read({ as: name, unit: "minor", currency: "EUR" }, value)).toBeTypeOf("string");
    },
  );

  it("gives every attribute of its shape in its type, whatever it is given, and never throws", () => {
    const words = fc.constantFrom(
      ..."a@acme.example|https://acme.example/a|/ws/a|12.50 EUR|select 1|apiVersion: v1\nkind: Pod|a|@|/|..|%2e|%00|'|\"|;|--|\u202e|\u200b|é|е|\ud800|\u0000|\n|---|&a|*a|{|[|:|0x7f|::1|[::1]|1|.|-|+|e| ".split(
        "|",
      ),
    );
    const text = fc.array(words, { maxLength: 8 }).map((parts) => parts.join(""));
    const json = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>);
    fc.assert(
      fc.property(fc.constantFrom(...normaliserNames), json, (name, value) => {
        const found = read({ as: name, unit: "major", currency: "EUR" }, value, "/ws");
        expect(read({ as: name, unit: "major", currency: "EUR" }, value, "/ws")).toEqual(found);
        if (typeof found === "string") return;
        expect(Object.keys(found).sort()).toEqual(Object.keys(normalisers[name].shape).sort());
        for (const [attribute, kind] of Object.entries(normalisers[name].shape))
          expect(typed[kind](found[attribute]), `${name}.${attribute}`).toBe(true);
        // What is stored and replayed is JSON.
        expect(JSON.parse(JSON.stringify(found))).toEqual(found);
      }),
      { numRuns: 3_000 },
    );
  });

  it("tells an argument that is not there from one that is not clean", () => {
    const wanted = { to: { as: "email" }, files: { as: "path", from: "files.*.path", base: "/" } } as const;
    expect(normalise(wanted, {}, undefined)).toEqual({});
    expect(normalise(wanted, { to: null, files: null }, undefined)).toEqual({});
    expect(normalise(wanted, { to: "?", files: [{ path: "a" }, {}] }, undefined)).toEqual({
      to: { unclean: "it is not exactly one address" },
      files: { unclean: "it lacks a part" },
    });
  });

  it("stays small, however deep and however many", () => {
    const deepPath = `/${"a/".repeat(2_000)}a`;
    const deepUrl = `https://acme.example/${"a/".repeat(2_000)}`;
    const deepName = `x@${"a.".repeat(120)}example`;
    for (const [name, one] of [
      ["path", deepPath],
      ["url", deepUrl],
      ["email", deepName],
    ] as const) {
      expect(
        read(
          name,
          Array.from({ length: 1_000 }, () => one),
        ),
      ).toBe("there is too much of it");
    }
    // What is kept with the action is never more than a small multiple of what may be there at all.
    const many = read(
      "path",
      Array.from({ length: 900 }, (_, at) => `/ws/some/folder/of/a/project/file-${at}.txt`),
    );
    expect(JSON.stringify(many).length).toBeLessThan(4_000_000);
  });

  it("repeats nothing of the value in its reason", () => {
    for (const name of normaliserNames)
      for (const value of ["s3cret\u0000", { s3cret: "s3cret" }, ["s3cret", 1]])
        expect(read(name, value)).not.toContain("s3cret");
  });
});
