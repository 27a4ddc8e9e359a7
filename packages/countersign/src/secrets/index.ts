export { createIssued } from "./issued.ts";
export { type Keyring, openKeyring } from "./keyring.ts";
export { createLeases } from "./leases.ts";
export { checkName, isReserved } from "./name.ts";
export { resolveReferences } from "./references.ts";

export { createSealedStore, type SealedStore } from "./sealed.ts";

export type { SecretStore } from "./store.ts";
