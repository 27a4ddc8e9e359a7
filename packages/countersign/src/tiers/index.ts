export { tierInForce } from "./tier.ts";
export { type Waiver, waiverFaults } from "./waiver.ts";
