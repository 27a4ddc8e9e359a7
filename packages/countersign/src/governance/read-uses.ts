import { sharedUses } from "../identity/index.ts";
import { selectSightings, workloadsAmong } from "../identity/sql.ts";
import type { Control } from "./control.ts";

/** Who used which credential from where, and which ones two clients or addresses used at the same time. */
export async function readUses(control: Control, days: number) {
  const sightings = await selectSightings(control.parts.db, control.parts.ledger.now() - days * 86_400_000);
  const shared = sharedUses(sightings);
  // Jobs of one workload run in many places at once: that two of them do says nothing.
  const workloads = await workloadsAmong(
    control.parts.db,
    shared.map(({ credential }) => credential),
  );
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
    shared: shared
      .filter(({ credential }) => !workloads.has(credential))
      .map(({ credential, differs }) => ({ credential, differs })),
  };
}
