export { isTier, type Phase, phaseCeilings, type Standing, tierInForce, tierNames } from "./tier.ts";
export { isInForce, longestWaiverMs, type Waiver, waiverFaults } from "./waiver.ts";
