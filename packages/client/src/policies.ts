import type { Files, PolicyChecked, PolicyTested } from "./body.ts";
import type { Wire } from "./wire.ts";

/** Questions about policies, and about files that are not in force. None of them changes anything. */
export function policiesOf(wire: Wire) {
  return {
    /** Everything that stands against putting files in force, against the tools as they are reviewed now. */
    check: (files: Files): Promise<PolicyChecked> =>
      wire.json({ method: "POST", path: "/v1/policies/check", body: { files }, waitMs: 60_000 }),
    /** Runs the files' own tests; `every` also gives faults to what workflow files generate. */
    test: (files: Files, every = false): Promise<PolicyTested> =>
      wire.json({ method: "POST", path: "/v1/policies/test", body: { files, every }, waitMs: 120_000 }),
  };
}
