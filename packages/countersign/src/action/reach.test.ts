import type { Json, Verb } from "@countersign/contract";
import { expect, it } from "vitest";
import type { Call } from "./call.ts";
import { reachOf } from "./reach.ts";

const call = (verb: Verb, before?: Json): Call =>
  ({
    classified: { verb, reach: { objects: 2 } },
    tool: { countsBefore: { rows: "before.structuredContent.rows" } },
    ...(before === undefined ? {} : { before }),
  }) as unknown as Call;
const answered = (rows: Json): Json => ({ structuredContent: { rows } });

it("MT-94 what is counted in the captured state is none before it was read, and then exactly that", () => {
  expect(reachOf(call("execute"), false)).toEqual({ objects: 2, rows: 0 });
  expect(reachOf(call("execute", answered([1, 2, 3])), false)).toEqual({ objects: 2, rows: 0 });
  expect(reachOf(call("execute", answered([1, 2, 3])), true)).toEqual({ objects: 2, rows: 3 });
  expect(reachOf(call("execute", answered(7)), true)).toEqual({ objects: 2, rows: 7 });
});

it("MT-94 what the captured state does not tell is no fact: nothing read, another form, or a read that nothing precedes", () => {
  for (const before of [undefined, null, {}, answered("7"), answered(-1), answered(1.5), answered(null)])
    expect(reachOf(call("execute", before), true), JSON.stringify(before)).toEqual({ objects: 2 });
  expect(reachOf(call("read"), false)).toEqual({ objects: 2 });
});
