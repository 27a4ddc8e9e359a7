import { sharedUses } from "../identity/index.ts";
import { selectSightings } from "../identity/sql.ts";
import type { Control } from "./control.ts";

/** Who used which credential from where, and which ones two clients or addresses used at the same time. */
export async function readUses(control: Control, days: number) {
  const sightings = await selectSightings(control.parts.db, control.parts.ledger.now() - days * 86_400_000);
  return {
    days,
    uses: sightings.map(({ credential, client, address, firstAtMs, lastAtMs, uses }) => ({
      credential,
      client,
      address,
      firstAt: new Date(firstAtMs).toISOString(),
      lastAt: new Date(lastAtMs).toISOString(),
      uses,
    })),
    shared: sharedUses(sightings).map(({ credential, differs }) => ({ credential, differs })),
  };
}
