import type { Json } from "@countersign/contract";
import { type ToolsFile, workspacePlaceholder } from "../catalog/index.ts";
import type { Lent } from "../execution/mcp/index.ts";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";
import { type HeldLease, type Leases, resolveReferences, type SealedStore } from "../secrets/index.ts";
import { findStop } from "../stop/index.ts";
import type { Loaded } from "./control.ts";
import { ownWorkflow } from "./http-upstream.ts";

/** A process of an upstream server that runs here, and the secrets that it was given. */
export interface LentProcess {
  readonly server: string;
  /** Null: the plane's own, which asks the server what it lists. */
  readonly workflow: string | null;
  readonly secrets: readonly string[];
}

/** Stops, and what says whom they reach. */
export type Stopping = Pick<Loaded, "stops" | "catalog" | "workspace">;

/** What the processes of upstream servers have been given on this replica, for as long as they run. */
export interface Lending {
  /** What a process that starts now is given. Fails where a secret cannot be had, or a stop leaves it nothing to do. */
  lend(file: ToolsFile, workflow: string): Promise<Lent>;
  /** Whether these stops leave a process nothing that it may be asked for. */
  isStopped(server: string, workflow: string, under: Stopping): boolean;
  /** Those that run here and that these stops leave nothing to do. */
  reached(under: Stopping): readonly LentProcess[];
  /** Takes back what those were given, which ends them. */
  takeBack(under: Stopping): void;
}

export interface LendingSources {
  readonly store: Pick<SealedStore, "lease" | "list">;
  readonly leases: Pick<Leases, "revokeAll">;
  readonly log: Log;
  /** Absolute path of the workspace folder, for `${workspace}`. */
  readonly folder: string;
  /** Fails with `unavailable` where this replica cannot read what is in force. */
  readonly loaded: () => Loaded;
  /** Database time, ms since the epoch. */
  readonly now: () => number;
}

interface Given {
  readonly server: string;
  readonly workflow: string;
  readonly held: readonly HeldLease[];
  readonly end: AbortController;
}

export function createLending(sources: LendingSources): Lending {
  const { store, leases, log, loaded, now } = sources;
  const running = new Set<Given>();
  const isStopped = (server: string, workflow: string, { stops, catalog, workspace }: Stopping): boolean => {
    const named = workspace?.agents.filter((agent) => agent.workflow === workflow).map(({ name }) => name) ?? [];
    const agents = named.length === 0 ? [""] : named;
    const acted = catalog.systems(server);
    const systems = acted.length === 0 ? [server] : acted;
    const tool = `${server}.`;
    return agents.every((agent) =>
      systems.every((system) => findStop(stops, { agent, workflow, tool, system }, now()) !== undefined),
    );
  };
  const reached = (under: Stopping): readonly Given[] =>
    [...running].filter(({ server, workflow }) => isStopped(server, workflow, under));
  const requireGoing = (server: string, workflow: string): void => {
    if (!isStopped(server, workflow, loaded())) return;
    throw new Problem("unavailable", `server \`${server}\` is stopped, so no process of it is started`);
  };

  return {
    isStopped,
    async lend(file, workflow) {
      const { server, transport } = file;
      if (transport.kind === "http") throw new Error("a server that is reached by HTTP has no process");
      const held: HeldLease[] = [];
      const lease = async (name: string): Promise<HeldLease> => {
        const one = await store.lease(name, { server });
        held.push(one);
        return one;
      };
      requireGoing(server, workflow);
      const resolved = await resolveReferences<Json>(transport.env, lease).catch((thrown: unknown) => {
        const cause = thrown instanceof Problem ? thrown.detail : String(thrown);
        log.error({ server, cause }, "a secret of an upstream server cannot be had; its tools do not run");
        throw thrown;
      });
      const one: Given = { server, workflow, held, end: new AbortController() };
      try {
        // INVARIANT: asked once more after the secrets were read, and noted before anything else is waited for: a stop
        // that is heard while a process starts either is seen here or finds the process.
        requireGoing(server, workflow);
        const env = environmentOf(transport.env, resolved.reveal() as Record<string, string>, sources.folder);
        running.add(one);
        return {
          env,
          revoked: AbortSignal.any([one.end.signal, ...held.map(({ revoked }) => revoked)]),
          async isCurrent() {
            const newest = new Map((await store.list()).map(({ name, version }) => [name, version]));
            return held.every(({ name, version }) => newest.get(name) === version);
          },
          async release() {
            running.delete(one);
            await resolved.release();
          },
        };
      } catch (thrown) {
        await resolved.release();
        throw thrown;
      }
    },
    reached: (under) => reached(under).map(processOf),
    takeBack(under) {
      for (const one of reached(under)) {
        const ids = new Set(one.held.map(({ id }) => id));
        leases.revokeAll(({ id }) => ids.has(id), "stopped");
        one.end.abort();
        log.info({ ...processOf(one) }, "a stop ends a process of an upstream server");
      }
    },
  };
}

function processOf({ server, workflow, held }: Given): LentProcess {
  const secrets = [...new Set(held.map(({ name }) => name))].sort();
  return { server, workflow: workflow === ownWorkflow ? null : workflow, secrets };
}

function environmentOf(
  plain: Readonly<Record<string, string>>,
  filled: Readonly<Record<string, string>>,
  folder: string,
): Readonly<Record<string, Secret | string>> {
  return Object.fromEntries(
    Object.entries(filled).map(([name, value]) => [
      name,
      value === plain[name] ? value.replaceAll(workspacePlaceholder, folder) : new Secret(value),
    ]),
  );
}
