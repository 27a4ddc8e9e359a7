import type { Tx } from "../db/db.ts";
import type { Tokens } from "../execution/mcp/index.ts";
import type { Secret } from "../floor/secret.ts";
import type { SealedStore } from "../secrets/index.ts";
import type { Control } from "./control.ts";

/** What the deeds about connections are given besides the control. */
export interface ConnectionSources {
  readonly store: SealedStore;
  /** A store whose writes belong to a transaction of ours. */
  readonly storeWithin: (tx: Tx) => SealedStore;
  /** Values that must not come back from anywhere. */
  readonly known: { remember(value: Secret): void };
  readonly control: () => Control;
}

/** INVARIANT: a token is known before it is used, so that it is cut from whatever comes back. */
export function rememberTokens(sources: Pick<ConnectionSources, "known">, { access, refresh }: Tokens): void {
  sources.known.remember(access);
  if (refresh !== undefined) sources.known.remember(refresh);
}
