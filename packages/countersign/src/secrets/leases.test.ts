import { describe, expect, it } from "vitest";
import { systemClock } from "../floor/clock.ts";
import { Secret } from "../floor/secret.ts";
import { createIssued } from "./issued.ts";
import { createLeases } from "./leases.ts";
import { findReferences, resolveReferences } from "./references.ts";

function open() {
  const issued = createIssued();
  return { issued, leases: createLeases(systemClock, issued) };
}

describe("leases", () => {
  it("are listed without values, end on release, and are known before they are held", async () => {
    const { leases, issued } = open();
    const lease = leases.open("token", 3, new Secret("value-one"), { server: "github", actionId: "act_1" });
    expect(leases.list()).toEqual([
      { id: lease.id, name: "token", version: 3, at: expect.any(String), server: "github", actionId: "act_1" },
    ]);
    expect([...issued.values()].map((value) => value.reveal())).toEqual(["value-one"]);
    await lease.release();
    expect(leases.list()).toEqual([]);
    expect(() => lease.value).toThrow("has ended: released");
    // What was handed out may still come back.
    expect([...issued.values()]).toHaveLength(1);
  });

  it("a stop revokes those it names, and tells their holders", async () => {
    const { leases } = open();
    const [a, b] = ["github", "kubernetes"].map((server) =>
      leases.open("token", 1, new Secret("value-one"), { server }),
    );
    expect(
      leases.revokeAll((lease) => lease.server === "github", "stopped by ana@acme.example").map((lease) => lease.id),
    ).toEqual([a?.id]);
    expect(a?.revoked.aborted).toBe(true);
    expect(() => a?.value).toThrow("stopped by ana@acme.example");
    expect(b?.revoked.aborted).toBe(false);
    expect(b?.value.reveal()).toBe("value-one");
    await a?.release();
    expect(leases.list()).toHaveLength(1);
  });

  it("the revision rises for new values only, and the longest unused fall out", () => {
    const issued = createIssued(2);
    for (const text of ["value-one", "value-two", "value-one"]) issued.remember(new Secret(text));
    expect(issued.revision).toBe(2);
    issued.remember(new Secret("value-three"));
    expect([...issued.values()].map((value) => value.reveal())).toEqual(["value-one", "value-three"]);
  });
});

describe("references", () => {
  it("are found wherever a setting has text, each once", () => {
    expect(
      findReferences({
        env: { A: "secret://one", B: ["Bearer secret://two/x, secret://one."] },
        n: 1,
        none: "secret: //x",
      }),
    ).toEqual(["one", "two/x"]);
    expect(() => findReferences("secret://")).toThrow("not a name");
    expect(() => findReferences("secret://../etc")).toThrow("not a name");
    for (const own of ["secret://connection/con_1", "Bearer secret://connection/con_1"])
      expect(() => findReferences({ header: own })).toThrow("cannot be referred to");
    expect(() => findReferences("secret://UPPER")).toThrow("not a name");
  });

  it("are filled at the last hop, and a value that looks like a reference is not resolved again", async () => {
    const { leases } = open();
    const asked: string[] = [];
    const resolved = await resolveReferences(
      { url: "https://x.example", env: ["secret://a", "b=secret://a;$&"] },
      async (name) => {
        asked.push(name);
        return leases.open(name, 1, new Secret("secret://b $1 $&"), { server: "s" });
      },
    );
    expect(resolved.reveal()).toEqual({ url: "https://x.example", env: ["secret://b $1 $&", "b=secret://b $1 $&;$&"] });
    expect(asked).toEqual(["a"]);
    await resolved.release();
    expect(leases.list()).toEqual([]);
    expect(() => resolved.reveal()).toThrow("has ended");
  });

  it("give nothing where one cannot be leased, and let go of the others", async () => {
    const { leases } = open();
    const resolving = resolveReferences(["secret://a", "secret://b"], async (name) => {
      if (name === "b") throw new Error("sealed");
      return leases.open(name, 1, new Secret("value-one"), { server: "s" });
    });
    await expect(resolving).rejects.toThrow("sealed");
    expect(leases.list()).toEqual([]);
  });
});
