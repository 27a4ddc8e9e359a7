import fc from "fast-check";
import { expect, it } from "vitest";
import { sha256 } from "../floor/digest.ts";
import { type Consent, codeHash, codeOf, consentStates, isBrowserOf, stateOf } from "./consent.ts";

const begun: Consent = {
  id: "cns_1",
  sealed: Buffer.from("x"),
  server: "tickets",
  workflow: null,
  issuer: "https://login.example",
  clientId: "plane",
  resource: "https://tickets.example/mcp",
  scope: "",
  redirectUri: "https://gate.example/v1/upstreams/tickets/callback",
  person: "ana@acme.example",
  credential: "key_1",
  browserHash: null,
  codeHash: null,
  confirmed: false,
  tries: 0,
  expiresAt: "2026-01-01T00:00:00.000Z",
  isExpired: false,
  isUsed: false,
  outcome: null,
  because: null,
  connection: null,
};

it("a code is the browser's own, the same however it is typed, and without letters that look alike", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 20 }), fc.string({ minLength: 20 }), (cookie, other) => {
      const code = codeOf(cookie, "cns_1");
      expect(code).toMatch(/^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
      expect(codeHash(` ${code.toLowerCase().replace("-", " ")}\t`)).toEqual(codeHash(code));
      expect(codeOf(cookie, "cns_2")).not.toBe(code);
      if (other !== cookie) expect(codeOf(other, "cns_1")).not.toBe(code);
    }),
  );
});

it("a consent belongs to the browser whose cookie it was bound to, and to none before", () => {
  const bound = { ...begun, browserHash: sha256("a cookie") };
  expect(isBrowserOf(bound, "a cookie")).toBe(true);
  for (const cookie of ["another", "", undefined]) expect(isBrowserOf(bound, cookie)).toBe(false);
  expect(isBrowserOf(begun, "a cookie")).toBe(false);
});

it("what has ended stays so, also once it has expired", () => {
  const bound = { ...begun, browserHash: sha256("a cookie") };
  const found = [
    begun,
    bound,
    { ...bound, confirmed: true },
    { ...bound, isExpired: true, outcome: "connected" as const },
    { ...bound, isExpired: true, outcome: "denied" as const },
    { ...bound, outcome: "failed" as const },
    { ...bound, confirmed: true, isExpired: true },
  ].map(stateOf);
  expect(found).toEqual(consentStates);
});
