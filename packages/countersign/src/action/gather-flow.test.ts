import { expect, it } from "vitest";
import { flowPolicies } from "../policy/index.ts";
import { approvedIn } from "./gather-flow.ts";

it("MT-150 what a person let go lets the next call to the same place go; a grant and broken glass let no other go", () => {
  const [policy = ""] = flowPolicies;
  const flow = { effect: "egress", destinations: [], result: {} } as never;
  const seen = (more: object) => approvedIn([{ policy, ...more }], "docs", "mail.send", flow);
  expect(seen({})).toHaveProperty("approved");
  expect(seen({ glass: { until: "2026-11-27T03:00:00Z" } })).toEqual({});
  expect(seen({ grant: { id: "gov_1", until: "2026-11-27T03:00:00Z" } })).toEqual({});
  expect(seen({ policy: "another" })).toEqual({});
});
