import type { Secret } from "../floor/secret.ts";

/** Where `secret://name` references are resolved: the sealed file here; Vault, KMS and cloud stores take the same seat later. */
export interface SecretStore {
  /** Fails with `unavailable` where the store cannot answer and `not_found` where there is no such name. */
  lease(name: string, use: { readonly actionId?: string; readonly server: string }): Promise<Lease>;
  put(name: string, value: Secret, by: string): Promise<{ readonly version: number }>;
  list(): Promise<readonly { readonly name: string; readonly version: number; readonly at: string }[]>;
}

export interface Lease {
  readonly id: string;
  readonly value: Secret;
  release(): Promise<void>;
}
