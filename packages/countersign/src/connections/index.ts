export { type Connection, commandFor, type Holder, holderOf, secretOf } from "./connection.ts";
export {
  type Consent,
  type ConsentState,
  codeHash,
  codeOf,
  consentMs,
  isBrowserOf,
  mostTries,
  stateOf,
} from "./consent.ts";
export { forgetConsents, listConnections } from "./sql.ts";
