import { expect, it } from "vitest";
import { support } from "./acme.fixture.ts";
import { readCure } from "./cure.ts";
import { workflowToCedar } from "./workflow-to-cedar.ts";

const annotations = { cure: "approval", from: "sre", count: "2", open: "4h", valid: "1h", exclude: "requester" };

it("MT-150 a policy can say that nobody breaks the glass over it, and nothing else of glass", () => {
  expect(readCure({ ...annotations, glass: "never" })).toMatchObject({ ok: { glass: "never" } });
  const read = readCure(annotations);
  expect("ok" in read && read.ok).not.toHaveProperty("glass");
  for (const glass of ["", "Never", "always", "yes"])
    expect(readCure({ ...annotations, glass })).toEqual({
      fault: `\`@glass\` is \`${glass}\``,
      help: "`never`, or nothing at all",
    });
  expect(readCure({ cure: "wait", until: "2026-12-27T08:00:00Z", glass: "never" })).toEqual({
    fault: "`@glass` does not belong to cure `wait`",
  });
  expect(readCure({ glass: "never" })).toEqual({ fault: "`@glass` stands without `@cure`" });
});

it("MT-150 `glass: never` of an `ask` is an annotation of its policy", () => {
  const ask = { tool: "x.y", from: "sre" };
  const text = (more: object) =>
    workflowToCedar({ ...support, workflow: "w", allow: [], ask: [{ ...ask, ...more }], block: [] }).text;
  expect(text({ glass: "never" })).toContain('@exclude("requester") @glass("never")\n');
  expect(text({})).not.toContain("@glass");
});
