import type { CedarValueJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { CedarRequest } from "../request.ts";

const call = (fn: string, arg: string): CedarValueJson => ({ __extn: { fn, arg } });
const refer = (type: string, id: string): CedarValueJson => ({ __entity: { type, id } });

const usual: { readonly [name: string]: CedarValueJson } = {
  n: 1,
  m: -7,
  big: 9_007_199_254_740_991,
  b: true,
  c: false,
  s: "ab",
  t: "",
  e: refer("Agent", "a"),
  nobody: refer("Group", "nobody"),
  none: [],
  longs: [1, 2],
  texts: ["a", "ab"],
  mixed: [1, "a"],
  who: [refer("Agent", "a"), refer("Group", "g")],
  lists: [[1], [2]],
  r: { n: 1, q: { z: "x" } },
  one: { n: 1 },
  d: call("decimal", "1.5"),
  d2: call("decimal", "1.5001"),
  at: call("datetime", "2024-02-29T13:14:15.016Z"),
  before: call("datetime", "1969-12-30T01:00:00Z"),
  l: call("duration", "-1d1h1m1s1ms"),
  l2: call("duration", "2d3h4m5s6ms"),
  ip: call("ip", "10.1.2.3"),
  net: call("ip", "10.0.0.0/8"),
};

/** A request that holds a value of each kind. */
export function holding(context: { readonly [name: string]: CedarValueJson } = {}): CedarRequest {
  return {
    principal: { type: "Agent", id: "a" },
    action: { type: "Action", id: "s.t" },
    resource: { type: "Target", id: "t" },
    context: { ...usual, ...context },
    entities: [
      {
        uid: { type: "Agent", id: "a" },
        attrs: { tier: 1, home: { city: "Bern" } },
        tags: { k: "v", n: "w" },
        parents: [{ type: "Group", id: "g" }],
      },
      { uid: { type: "Group", id: "g" }, attrs: { tier: 2 }, parents: [{ type: "Group", id: "top" }] },
      { uid: { type: "Action", id: "s.t" }, attrs: {}, parents: [{ type: "Action", id: "read" }] },
      { uid: { type: "Target", id: "t" }, attrs: {}, tags: { k: "x" }, parents: [{ type: "System", id: "s" }] },
    ],
  };
}

/** Requests in which the same expressions come out otherwise. */
export const requests: readonly CedarRequest[] = [
  holding(),
  holding({
    n: 2,
    m: 0,
    b: false,
    c: true,
    s: "a*b",
    t: "abab",
    e: refer("Group", "g"),
    longs: [2],
    texts: [],
    who: [refer("Group", "top")],
    r: { n: 1 },
    one: { n: 2 },
    d: call("decimal", "-0.5"),
    d2: call("decimal", "-0.5"),
    at: call("datetime", "1970-01-01"),
    before: call("datetime", "1969-12-31T23:59:59.999Z"),
    l: call("duration", "0ms"),
    l2: call("duration", "-59s999ms"),
  }),
  holding({ n: "x", b: 3, s: 1, e: "x", longs: 7, r: true, at: 0, l: "1d", d: true, who: ["a"] }),
];
