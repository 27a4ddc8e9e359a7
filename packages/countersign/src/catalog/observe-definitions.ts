import type { Tx } from "../db/db.ts";
import { type Clock, iso } from "../floor/clock.ts";
import { digestDefinition, doubledNames } from "./definition.ts";
import type { Pack } from "./pack.ts";
import { type DefinitionChange, type Pin, statusWhenListed } from "./pin.ts";
import { dropUnreviewed, lockServer, putPin, readPins, setStatus } from "./sql.ts";
import type { Definition } from "./tool.ts";

/**
 * Records what a server lists now, and tells what is not as it was reviewed. A definition whose digest the pack names
 * is pinned by the pack; nothing else becomes usable here.
 */
export async function observeDefinitions(
  tx: Tx,
  clock: Clock,
  server: string,
  definitions: readonly Definition[],
  pack?: Pack,
): Promise<readonly DefinitionChange[]> {
  await lockServer(tx, server);
  const known = await readPins(tx, server);
  const doubled = doubledNames(definitions);
  const seenAt = iso(clock.now());
  const changes: DefinitionChange[] = [...doubled].map((tool) => ({ kind: "ambiguous", tool }));
  const listed = new Set<string>();
  for (const definition of definitions) {
    if (doubled.has(definition.name)) continue;
    const digest = digestDefinition(definition);
    if (digest === undefined) {
      changes.push({ kind: "ambiguous", tool: definition.name });
      continue;
    }
    listed.add(key(definition.name, digest));
    changes.push(...(await observeOne(tx, { server, definition, digest, seenAt, known, pack })));
  }
  changes.push(...(await observeAbsent(tx, server, known, listed)));
  return changes;
}

interface Sighting {
  readonly server: string;
  readonly definition: Definition;
  readonly digest: string;
  readonly seenAt: string;
  readonly known: readonly Pin[];
  readonly pack: Pack | undefined;
}

async function observeOne(tx: Tx, sighting: Sighting): Promise<readonly DefinitionChange[]> {
  const { server, definition, digest, seenAt, pack } = sighting;
  const tool = definition.name;
  const pins = sighting.known.filter((pin) => pin.tool === tool);
  const same = pins.find((pin) => pin.digest === digest);
  const inForce = pins.find((pin) => pin.status === "pinned");
  const isShipped = pack !== undefined && Object.hasOwn(pack.tools, tool) && pack.tools[tool]?.digest === digest;
  const status = statusWhenListed(same?.status, { isPinned: inForce !== undefined, isShipped });
  if (status === undefined) {
    if (same !== undefined) await putPin(tx, { ...same, seenAt });
    const kind = same?.status === "new" || same?.status === "rejected" ? same.status : "changed";
    return same?.status === "pinned" ? [] : [{ kind, tool, digest, ...was(inForce) }];
  }
  const byPack = status === "pinned" && isShipped && same?.reviewedBy === undefined;
  const review = byPack
    ? { reviewedBy: `pack ${pack?.pack}`, reviewedAt: seenAt }
    : same?.reviewedBy !== undefined && same.reviewedAt !== undefined
      ? { reviewedBy: same.reviewedBy, reviewedAt: same.reviewedAt }
      : {};
  if (status === "pinned" && inForce !== undefined) await setStatus(tx, server, tool, inForce.digest, "superseded");
  await putPin(tx, { server, tool, digest, definition, status, ...review, seenAt });
  if (status === "pinned") return same?.status === "removed" ? [{ kind: "returned", tool, digest }] : [];
  return [{ kind: status === "new" ? "new" : "changed", tool, digest, ...was(inForce) }];
}

async function observeAbsent(
  tx: Tx,
  server: string,
  known: readonly Pin[],
  listed: ReadonlySet<string>,
): Promise<readonly DefinitionChange[]> {
  const changes: DefinitionChange[] = [];
  const names = new Set([...listed].map((entry) => entry.slice(0, entry.lastIndexOf(" "))));
  for (const pin of known) {
    if (listed.has(key(pin.tool, pin.digest))) continue;
    if (pin.status === "changed" || pin.status === "new") await dropUnreviewed(tx, server, pin.tool, pin.digest);
    // Where the tool is still listed with another definition, what was reviewed stays the one to compare with.
    if (pin.status !== "pinned" || names.has(pin.tool)) continue;
    await setStatus(tx, server, pin.tool, pin.digest, "removed");
    changes.push({ kind: "removed", tool: pin.tool, was: pin.digest });
  }
  return changes;
}

function key(tool: string, digest: string): string {
  return `${tool} ${digest}`;
}

function was(inForce: Pin | undefined): { readonly was?: string } {
  return inForce === undefined ? {} : { was: inForce.digest };
}
