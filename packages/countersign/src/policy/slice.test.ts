import { describe, expect, it } from "vitest";
import { acme } from "./acme.fixture.ts";
import type { CompiledPolicies, CompiledPolicy } from "./policy.ts";
import { sliceOf, slicesOf } from "./slice.ts";

const policy = (id: string, action: readonly string[] | null, more: Partial<CompiledPolicy> = {}): CompiledPolicy =>
  ({ id, digest: `sha256:${id}`, action, mode: "enforce", reads: [], syntax: { conditions: [] }, ...more }) as never;
const setOf = (...policies: readonly CompiledPolicy[]) => ({ policies }) as unknown as CompiledPolicies;
const ids = ({ policies }: { readonly policies: readonly CompiledPolicy[] }) => policies.map(({ id }) => id);

describe("a slice of a policy set", () => {
  it("holds the policies whose scope can match the tool under the verb", () => {
    const set = setOf(
      policy("any", null),
      policy("tool", ["s.t", "s.u"]),
      policy("verb", ["execute"]),
      policy("other", ["s.u", "read"]),
      policy("none", []),
    );
    expect(ids(slicesOf(set, "s.t", "execute").all)).toEqual(["any", "tool", "verb"]);
    expect(ids(slicesOf(set, "s.t", "read").all)).toEqual(["any", "tool", "other"]);
    expect(ids(slicesOf(set, "s.v", "propose").all)).toEqual(["any"]);
    expect(slicesOf(set, "s.t", "read")).toBe(slicesOf(set, "s.t", "read"));
    expect(slicesOf(set, "s.t", "read")).not.toBe(slicesOf(set, "s.t", "execute"));
    expect(slicesOf(setOf(policy("any", null)), "s.t", "read").all.byId.get("any")?.id).toBe("any");
  });

  it("is one, but for policies that are only observed", () => {
    const plain = slicesOf(setOf(policy("a", null), policy("b", null, { mode: "always" })), "s.t", "read");
    expect(plain.enforced).toBe(plain.all);
    const { all, enforced } = slicesOf(setOf(policy("a", null), policy("b", null, { mode: "observe" })), "s.t", "read");
    expect([ids(all), ids(enforced)]).toEqual([["a", "b"], ["a"]]);
  });

  it("has a key that is another where a policy is another", () => {
    const [a, b] = [policy("a", null), policy("b", null)];
    expect(sliceOf([a, b]).key).toBe(sliceOf([a, { ...b }]).key);
    const others = [
      sliceOf([a]),
      sliceOf([b, a]),
      sliceOf([a, { ...b, digest: "sha256:c" }]),
      sliceOf([a, { ...b, id: "c" }]),
    ];
    expect(new Set([sliceOf([a, b]), ...others].map(({ key }) => key)).size).toBe(5);
    expect(sliceOf([a]).key).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("reads what its policies read, and all where one of them reads all", () => {
    const reading = (...reads: readonly (readonly string[] | null)[]) =>
      sliceOf(reads.map((one, at) => policy(`${at}`, null, { reads: one }))).reads;
    expect(reading(["b", "a"], ["c", "a"], [])).toEqual(["a", "b", "c"]);
    expect(reading(["b"], null)).toBeNull();
    expect(reading()).toEqual([]);
  });

  it("holds each of them once and in the order of the set, by whichever of its names it matches", () => {
    const set = setOf(policy("z", ["execute", "s.t"]), policy("b", null), policy("a", ["s.t", "s.t", "s.u"]));
    expect(ids(slicesOf(set, "s.t", "execute").all)).toEqual(["z", "b", "a"]);
    expect(ids(slicesOf(set, "s.u", "execute").all)).toEqual(["z", "b", "a"]);
    expect(ids(slicesOf(set, "s.u", "read").all)).toEqual(["b", "a"]);
  });

  it("names those that something can cure, and knows no verb that it has not heard of", () => {
    const wait = { kind: "wait", until: "2027-01-01T00:00:00.000Z" } as const;
    const set = setOf(policy("a", null), policy("b", null, { cure: wait }), policy("c", ["s.t"], { cure: wait }));
    expect(slicesOf(set, "s.t", "read").all.curable.map(({ id }) => id)).toEqual(["b", "c"]);
    expect(slicesOf(set, "s.u", "read").all.curable.map(({ id }) => id)).toEqual(["b"]);
    for (const verb of ["toString", "__proto__"])
      expect(ids(slicesOf(set, "s.t", verb as "read").all)).toEqual(["a", "b", "c"]);
  });

  it("names each time zone once", async () => {
    const zone = (id: string, name: string) =>
      `@id("${id}") forbid (principal, action, resource) when { context.local["${name}"].minute > 5 };`;
    const set = await acme(
      [zone("one", "Europe/Bern".replace("Bern", "Berlin")), zone("two", "Europe/Berlin")].join("\n"),
    );
    const { zones } = slicesOf(set, "helpdesk.search_tickets", "read").all;
    expect(zones.filter((name) => name === "Europe/Berlin")).toHaveLength(1);
  });
});
