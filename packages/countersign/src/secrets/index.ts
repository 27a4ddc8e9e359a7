export { createIssued, type Issued } from "./issued.ts";
export { type Keyring, type KeyringOptions, openKeyring } from "./keyring.ts";
export { createLeases, type HeldLease, type Leases, type LeaseUse, type LeaseView } from "./leases.ts";
export { checkName, checkValue } from "./name.ts";
export { findReferences, type Resolved, resolveReferences } from "./references.ts";
export { rewrap } from "./rewrap.ts";
export { createSealedStore, type SealedStore } from "./sealed.ts";
export { createSealer, keyIdOf, type Sealer, type SealingKey } from "./sealer.ts";
export type { Lease, SecretStore } from "./store.ts";
