import type { Plane } from "../packages/countersign/src/action/index.ts";
import type { AssembleOptions } from "../packages/countersign/src/assemble.ts";
import type { PlaneKeeper } from "../packages/countersign/src/governance/index.ts";

/** Which parts of the product the bench leaves out. */
export interface Switches {
  readonly decide: "real" | "stub";
  readonly checks: boolean;
}

/** What `instead` of `assemble` takes for these switches. */
export function insteadOf(switches: Switches): NonNullable<AssembleOptions["instead"]> {
  return {
    ...(switches.decide === "stub" ? { wrapPlane: stubDecisions } : {}),
    ...(switches.checks
      ? {}
      : { checking: { run: async () => [], redact: (value) => ({ value, count: 0, rules: [] }) } }),
  };
}

function stubDecisions(keeper: PlaneKeeper): PlaneKeeper {
  const stubbed = new WeakMap<Plane, Plane>();
  const stub = (plane: Plane): Plane => {
    const known = stubbed.get(plane);
    if (known !== undefined) return known;
    const made: Plane = {
      ...plane,
      decide: () => ({
        v: 1,
        effect: "allow",
        determining: [],
        requirements: [],
        obligations: [],
        errors: [],
        policySet: { revision: plane.revision, digest: "stubbed" },
        inputDigest: "stubbed",
        nearMiss: [],
        sentence: "allowed: decisions are stubbed by the bench",
        micros: 0,
      }),
    };
    stubbed.set(plane, made);
    return made;
  };
  return { ...keeper, current: () => stub(keeper.current()) };
}
