import { expect, it } from "vitest";
import { approval, asks, check } from "../acme.fixture.ts";
import { requestSentence } from "./request-sentence.ts";

it("a request in one line says who calls what and where, and nothing that is as usual", () => {
  expect(requestSentence(asks())).toBe(
    "agent `support-bot` (tier 1, workflow `support-replies`) calls `helpdesk.search_tickets` (read) on `ticket/1` in `sandbox` with no arguments that matter",
  );
});

it("a request in one line says all that could matter", () => {
  const one = approval({ policies: [] } as never, "p");
  const input = asks({
    production: true,
    reviewed: false,
    args: { to: "a" },
    principal: { groups: ["sre", "ops"] },
    facts: {
      stopped: true,
      reversal: "plan",
      signals: ["odd", "new"],
      checks: [check("plan"), check("secrets")],
      approvals: [one, one, { ...one, policy: "q" }],
    },
  });
  expect(requestSentence({ ...input, run: { ...input.run, tainted: true } })).toBe(
    'agent `support-bot` (tier 1, workflow `support-replies`) calls `helpdesk.search_tickets` (read) on `ticket/1` in `live` (production) with `{"to":"a"}` ' +
      "and a stop in force, an unreviewed tool, reversal `plan`, signals `odd`, `new`, groups `sre`, `ops`, passed `plan`, `secrets`, approved for `p`, `q`, a tainted run",
  );
});

it("a request in one line shows no sign that could be taken for another, and no endless text", () => {
  const named = (target: string) => {
    const input = asks();
    return requestSentence({ ...input, resource: { ...input.resource, target } });
  };
  expect(named("a`b\u202ec\nd")).toContain("on `a\ufffdb\ufffdc\ufffdd` in");
  expect(named("x".repeat(100))).toContain(`on \`${"x".repeat(100)}\` in`);
  expect(named("x".repeat(101))).toContain(`on \`${"x".repeat(99)}…\` in`);
  const long = (length: number) => requestSentence(asks({ args: { a: "y".repeat(length) } }));
  expect(long(292)).toContain(`with \`{"a":"${"y".repeat(292)}"}\``);
  expect(long(293)).toContain(`with \`{"a":"${"y".repeat(293)}…\``);
});
