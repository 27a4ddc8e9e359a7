export { type Batchable, kindOf, mostTogether, sampleOf, whyAlone } from "./batch.ts";
export { fits, type GrantedCall, type GrantShape, type Loosened, shapeFault } from "./grant.ts";
export { pathsOf } from "./paths.ts";
