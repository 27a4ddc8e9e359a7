import { describe, expect, it } from "vitest";
import { isKept, isObligationKind, leastCut, readObligations } from "./obligation.ts";

describe("obligations", () => {
  it("are read from annotations, with what they ask for", () => {
    expect(readObligations({})).toEqual({ ok: [] });
    expect(
      readObligations({ obligation: " redact, notify ,record_full", redact: "personal, secret,", notify: "sre" }),
    ).toEqual({
      ok: [
        { kind: "redact", properties: { labels: ["personal", "secret"] } },
        { kind: "notify", properties: { to: ["sre"] } },
        { kind: "record_full", properties: {} },
      ],
    });
    expect(readObligations({ obligation: "redact" })).toEqual({ ok: [{ kind: "redact", properties: { labels: [] } }] });
  });

  it("that the gate does not know, or that nothing asks for, are faults", () => {
    expect(readObligations({ obligation: "redact,hope" })).toEqual({ fault: "obligation `hope` is not known" });
    expect(readObligations({ redact: "personal" })).toEqual({
      fault: '`@redact` stands without `@obligation("redact")`',
    });
    expect(readObligations({ obligation: "redact", notify: "sre" })).toEqual({
      fault: '`@notify` stands without `@obligation("notify")`',
    });
    expect(["redact", "notify", "record_full", "", "Redact"].map(isObligationKind)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it("are kept where the gate can carry them out", () => {
    expect(isKept({ kind: "record_full", properties: {} })).toBe(true);
    for (const labels of [["secret"], ["personal"], ["internal", "personal"]])
      expect(isKept({ kind: "redact", properties: { labels } })).toBe(true);
    for (const labels of [["public"], ["secret", "mine"], [], "secret", [1]])
      expect(isKept({ kind: "redact", properties: { labels } })).toBe(false);
    expect(isKept({ kind: "redact", properties: {} })).toBe(false);
    expect(isKept({ kind: "notify", properties: { to: ["sre"] } })).toBe(false);
  });

  it("say the least confidential label that an answer is to be without", () => {
    const redact = (...labels: string[]) => ({ kind: "redact", policy: "p", properties: { labels } }) as const;
    expect(leastCut([])).toBeUndefined();
    expect(leastCut([{ kind: "record_full", policy: "p", properties: {} }])).toBeUndefined();
    expect(leastCut([redact("secret")])).toBe("secret");
    expect(leastCut([redact("secret"), redact("secret", "personal")])).toBe("personal");
    expect(leastCut([redact("internal"), redact("secret")])).toBe("internal");
  });
});
