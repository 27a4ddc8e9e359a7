import type { JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { cleanClasses, type Past } from "./clean-class.ts";

let count = 0;
function past(
  args: JsonObject,
  more: Omit<Partial<Past>, "call"> & { readonly call?: Partial<Past["call"]> } = {},
): Past {
  count += 1;
  const { call, ...rest } = more;
  return {
    action: `act_${count}`,
    atMs: count,
    kind: "k",
    was: "clean",
    people: ["ana@acme.example"],
    lookedMs: 1_000,
    waitedMs: 5_000,
    ...rest,
    call: {
      agent: "scribe",
      workflow: "docs",
      server: "files",
      tool: "write_file",
      method: "tools/call",
      definition: "d",
      environment: "sandbox",
      verb: "execute",
      tier: 2,
      target: "t",
      args,
      ...call,
    },
  };
}
const many = (length: number, args: (at: number) => JsonObject, more: Parameters<typeof past>[1] = {}) =>
  Array.from({ length }, (_, at) => past(args(at), more));
const because = (all: readonly Past[], least = 5) => cleanClasses(all, least).left.map((one) => one.because);

describe("MT-91 classes that people's answers speak for", () => {
  it("come with the narrowest grant that all of these calls would have fitted", () => {
    const all = many(8, (at) => ({ path: `p${at % 2}`, amount: at, text: `text ${at}`, same: [1, { a: null }] }));
    const { clean, left } = cleanClasses(all, 5);
    expect(left).toEqual([]);
    expect(clean).toHaveLength(1);
    expect(clean[0]).toMatchObject({
      shape: {
        target: "exact",
        arguments: {
          "/path": { oneOf: ["p0", "p1"] },
          "/amount": { atLeast: 0, atMost: 7 },
          "/text": { any: true },
        },
      },
      lookedMs: 8_000,
      waitedMs: 40_000,
    });
    expect(clean[0]?.shape.arguments).not.toHaveProperty("/same");
    expect(clean[0]?.atLeast).toBeCloseTo(8 / (8 + 1.959964 ** 2), 9);
  });

  it("say how long people looked where somebody measured: the others as long as at the median", () => {
    const some = [...many(4, () => ({})), ...many(2, () => ({}), { lookedMs: null })];
    expect(cleanClasses(some, 5).clean[0]?.lookedMs).toBe(6_000);
    expect(
      cleanClasses(
        many(5, () => ({}), { lookedMs: null }),
        5,
      ).clean[0]?.lookedMs,
    ).toBeNull();
  });

  it("are none below so many, and open requests and what says nothing are no evidence", () => {
    const four = many(4, () => ({}));
    expect(cleanClasses([...four, past({}, { was: "open" }), past({}, { was: "no evidence" })], 5)).toEqual({
      clean: [],
      left: [],
    });
    const [one] = cleanClasses([...four, past({}), past({}, { was: "open" })], 5).clean;
    expect(one?.open).toHaveLength(1);
  });

  it("end with one request that speaks against them, whether of the class or one that the grant would have let through", () => {
    const all = many(6, (at) => ({ text: `text ${at}` }));
    const denied = { was: { against: "it was denied" } } as const;
    const own = past({ text: "no" }, denied);
    expect(because([...all, own])).toEqual([`${own.action} speaks against it: it was denied`]);
    // Of another difference, and under an older description of the tool: the grant would be for it all the same.
    const other = past({ text: "no" }, { ...denied, kind: "another", call: { definition: "old", tier: 1 } });
    expect(because([...all, other])).toEqual([`${other.action} speaks against it: it was denied`]);
    expect(cleanClasses([...all, past({ text: "no" }, { ...denied, call: { agent: "coder" } })], 5).clean).toHaveLength(
      1,
    );
    expect(cleanClasses([...all, past({ other: 1 }, { ...denied, kind: "another" })], 5).clean).toHaveLength(1);
  });

  it("are one for each agent, person, tool's description and tier, as grants are", () => {
    for (const call of [{ agent: "b" }, { onBehalfOf: "bo@acme.example" }, { definition: "e" }, { tier: 1 }]) {
      const all = [...many(3, () => ({})), ...many(3, () => ({}), { call })];
      expect(cleanClasses(all, 5).clean).toEqual([]);
    }
  });

  it("are none where what the calls have in common is too little", () => {
    const wide = many(6, (at) =>
      Object.fromEntries(Array.from({ length: 11 }, (_, name) => [`a${name}`, `${at} ${name}`])),
    );
    expect(because(wide)).toEqual(["what these calls have in common is too little for a grant"]);
    expect(because(many(6, (at) => ({ [`a${at}`]: 1 })))).toEqual([
      "what these calls have in common is too little for a grant",
    ]);
    // A list of another length is loosened as a whole.
    const lists = many(6, (at) => ({ list: Array.from({ length: at }, () => 1) }));
    expect(cleanClasses(lists, 5).clean[0]?.shape.arguments).toEqual({ "/list": { any: true } });
  });
});
