import { expect, it } from "vitest";
import { asks } from "./acme.fixture.ts";
import { type Cure, requirementsOf } from "./cure.ts";

const cure: Cure = { kind: "approval", from: "sre", count: 1, exclude: [], openMs: 3_600_000, validMs: 60_000 };

it("whoever is asked is told where a grant may stand for an answer, and where only a signature counts", () => {
  const asked = (more: Partial<Extract<Cure, { readonly kind: "approval" }>>) =>
    requirementsOf({ id: "p", digest: "sha256:p", cure: { ...cure, ...more } as Cure }, { kind: "open" }, asks());
  const plain = {
    ...{ kind: "approval", policy: "p", policyDigest: "sha256:p", from: "sre", count: 1, exclude: [] },
    ...{ openMs: 3_600_000, validMs: 60_000, sentence: "an approval from group `sre`, asked for during 1h" },
  };
  expect(asked({})).toStrictEqual([plain]);
  for (const grants of ["yes", "production"] as const) expect(asked({ grants })).toStrictEqual([{ ...plain, grants }]);
  expect(asked({ passkey: "never" })).toStrictEqual([plain]);
  const signed = "an approval from group `sre`, signed with a passkey, asked for during 1h";
  expect(asked({ passkey: "always" })).toStrictEqual([{ ...plain, passkey: true, sentence: signed }]);
});
