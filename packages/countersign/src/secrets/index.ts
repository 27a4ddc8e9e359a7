export { createIssued } from "./issued.ts";
export { createPrivateFile, readPrivateFile } from "./key-file.ts";
export { findSealer, type Keyring, openKeyring, readIdentity } from "./keyring.ts";
export { createLeases, type HeldLease, type Leases, type LeaseView } from "./leases.ts";
export { checkName, isReserved } from "./name.ts";
export { findReferences, resolveReferences } from "./references.ts";
export { rewrap } from "./rewrap.ts";
export { createSealedStore, type SealedStore } from "./sealed.ts";
export type { LentKey } from "./sealer.ts";

export { countSealedByOther } from "./sql.ts";
export type { SecretStore } from "./store.ts";
