export { kindOf, mostTogether, sampleOf, whyAlone } from "./batch.ts";
export { fits, type GrantedCall, type GrantShape, shapeFault } from "./grant.ts";
export { pathsOf } from "./paths.ts";
