import {
  type Definition,
  observeDefinitions,
  type Packs,
  packageCommand,
  type ToolsFile,
  workspacePlaceholder,
} from "../catalog/index.ts";
import type { Holder } from "../connections/index.ts";
import { liveConnections } from "../connections/sql.ts";
import type { Db } from "../db/db.ts";
import type { Answer, Dispatch } from "../execution/connector.ts";
import { createUpstreams, type Upstream, type UpstreamConfig, type Upstreams } from "../execution/mcp/index.ts";
import type { Clock } from "../floor/clock.ts";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import { isReserved, type Leases, type LeaseView } from "../secrets/index.ts";
import type { Stop } from "../stop/index.ts";
import type { ConnectionSources } from "./connection-sources.ts";
import { httpUpstream, ownWorkflow } from "./http-upstream.ts";
import { createLending, type Lending, type LentProcess, type Stopping } from "./lending.ts";
import { secretsOf } from "./secrets-of.ts";

export interface UpstreamSources {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: ConnectionSources;
  readonly leases: Leases;
  readonly packs: Packs;
  /** Absolute path of the workspace folder, for `${workspace}`. */
  readonly folder: string;
  /** Where packages are looked for, besides the workspace folder. */
  readonly packageFolders: readonly string[];
  readonly inherit: Readonly<Record<string, string>>;
}

/** The upstream servers of the workspace in force: connected at first use, replaced when their files change. */
export interface Connected {
  call(dispatch: Dispatch): Promise<Answer>;
  /** Where connections are people's own: the one for this person, and none for nobody. */
  of(server: string, workflow: string, onBehalfOf?: string): Upstream | undefined;
  definitions(): ReadonlyMap<string, readonly Definition[]>;
  /** Puts the files of a newly loaded workspace in force; servers that are reached as before go on. */
  use(files: readonly ToolsFile[]): Promise<void>;
  /** Asks every server, or these, what it lists now; true where what is pinned changed. */
  observe(only?: ReadonlySet<string>): Promise<boolean>;
  /** `heard` is called where a server says, in whichever of its processes or sessions, that its tools have changed. */
  onToolsChanged(heard: (server: string) => void): void;
  /** Ends what was opened under connections that have gone since; the servers whose connections are others now. */
  lookAtConnections(): Promise<ReadonlySet<string>>;
  /** Replaces processes that run with an older version of a secret; the servers whose secrets are others now. */
  lookAtSecrets(): Promise<ReadonlySet<string>>;
  /** Ends the processes that the stops of a newly loaded plane leave nothing to do. */
  heed(loaded: Stopping): void;
  /** The processes here that this stop, with those in force, leaves nothing to do. */
  endedBy(stop: Stop): readonly LentProcess[];
  close(): Promise<void>;
}

export function connectUpstreams(sources: UpstreamSources): Connected {
  let files = new Map<string, ToolsFile>();
  const listed = new Map<string, readonly Definition[]>();
  let toolsChanged: (server: string) => void = () => undefined;
  const tools = {
    log: sources.log,
    clock: sources.clock,
    onToolsChanged: (server: string) => toolsChanged(server),
  };
  const { control, store } = sources.connections;
  const lending = createLending({
    store,
    leases: sources.leases,
    log: sources.log,
    folder: sources.folder,
    loaded: () => control().keeper.loaded(),
    now: () => control().parts.ledger.now(),
  });
  let known = new Map<string, string>();
  let versions = new Map<string, number>();
  const configOf = (server: string, workflow: string, person?: string): UpstreamConfig | undefined => {
    const file = files.get(server);
    const holder = person === undefined ? { workflow } : { person };
    try {
      return file === undefined ? undefined : toConfig(sources, lending, file, workflow, holder);
    } catch (cause) {
      const why = cause instanceof Problem ? `${cause.detail}: ${cause.help ?? "its tools do not run"}` : String(cause);
      sources.log.error({ server, cause: why }, "there is no way to an upstream server; its tools do not run");
      return undefined;
    }
  };
  const upstreams = createUpstreams(configOf, tools);
  /** INVARIANT: where connections are people's own, nobody is a person too: the one who has none. */
  const whose = (server: string, workflow: string, onBehalfOf: string | undefined): string | undefined =>
    isPersonal(files.get(server)) && workflow !== ownWorkflow ? (onBehalfOf ?? "") : undefined;

  return {
    async call({ onBehalfOf, ...dispatch }) {
      const person = whose(dispatch.server, dispatch.workflow, onBehalfOf);
      return upstreams.call(person === undefined ? dispatch : { ...dispatch, onBehalfOf: person });
    },
    of: (server, workflow, onBehalfOf) => upstreams.of(server, workflow, whose(server, workflow, onBehalfOf)),
    definitions: () => listed,
    async use(next) {
      const before = files;
      files = new Map(next.map((file) => [file.server, file]));
      const replaced = [...before.values()].filter((file) => wayTo(file) !== wayTo(files.get(file.server)));
      for (const server of listed.keys()) if (!files.has(server)) listed.delete(server);
      // What runs was promised the time that the old file says.
      upstreams.replace(new Map(replaced.map(({ server, limits }) => [server, limits.timeoutMs])));
    },
    async observe(only) {
      const wanted = [...files.values()].filter((file) => only?.has(file.server) ?? true);
      const isStopped = ({ server, transport }: ToolsFile): boolean =>
        transport.kind !== "http" && lending.isStopped(server, ownWorkflow, control().keeper.loaded());
      const changed = await Promise.all(wanted.map((file) => observeOne(sources, upstreams, file, listed, isStopped)));
      return changed.includes(true);
    },
    onToolsChanged(heard) {
      toolsChanged = heard;
    },
    async lookAtConnections() {
      const live = await liveConnections(sources.db);
      const servers = new Set([...known.keys(), ...live.keys()]);
      const changed = new Set([...servers].filter((server) => known.get(server) !== live.get(server)));
      if (changed.size > 0) await upstreams.look();
      // Last, so that what fails is looked at again.
      known = live;
      return changed;
    },
    async lookAtSecrets() {
      // Those of what is put while the list is read are not judged by it, but at the next look.
      const leased = new Set(sources.leases.list().map(({ id }) => id));
      const newest = new Map((await store.list()).map(({ name, version }) => [name, version]));
      const names = new Set([...versions.keys(), ...newest.keys()]);
      const changed = new Set([...names].filter((name) => versions.get(name) !== newest.get(name)));
      // INVARIANT: what was removed is not used any more, not even by what has it already, whether a look ever saw it or not.
      const isGone = ({ id, name }: LeaseView) => leased.has(id) && !isReserved(name) && !newest.has(name);
      sources.leases.revokeAll(isGone, "it was removed");
      const concerned = changed.size === 0 ? [] : [...files.values()].filter((file) => isGiven(sources, file, changed));
      const servers = new Set(concerned.map(({ server }) => server));
      if (servers.size > 0) await upstreams.look(servers);
      // Last, as above.
      versions = newest;
      return servers;
    },
    heed: (loaded) => lending.takeBack(loaded),
    endedBy(stop) {
      const loaded = control().keeper.loaded();
      return lending.reached({ ...loaded, stops: [...loaded.stops, stop] });
    },
    close: () => upstreams.close(),
  };
}

function wayTo(file: ToolsFile | undefined): string {
  return JSON.stringify(file?.transport ?? null);
}

/** A server whose file names what no secret can be called is given nothing, and hinders no other. */
function isGiven({ log }: UpstreamSources, file: ToolsFile, secrets: ReadonlySet<string>): boolean {
  try {
    return secretsOf(file).some((name) => secrets.has(name));
  } catch (cause) {
    const why = cause instanceof Problem ? cause.detail : String(cause);
    log.error({ server: file.server, cause: why }, "an upstream server refers to a secret that cannot be one");
    return false;
  }
}

function isPersonal(file: ToolsFile | undefined): boolean {
  const auth = file?.transport.kind === "http" ? file.transport.auth : undefined;
  return auth?.kind === "oauth" && auth.grant === "authorization_code" && auth.for === "person";
}

/** One server's list now, recorded beside what is pinned. A server that cannot be asked keeps what is pinned. */
async function observeOne(
  sources: UpstreamSources,
  upstreams: Upstreams,
  file: ToolsFile,
  listed: Map<string, readonly Definition[]>,
  isStopped: (file: ToolsFile) => boolean,
): Promise<boolean> {
  const upstream = upstreams.of(file.server, ownWorkflow);
  if (upstream === undefined) return false;
  try {
    // A server whose processes a stop has ended is not started to be asked.
    if (isStopped(file)) return false;
    const definitions = await upstream.refresh();
    const before = listed.get(file.server);
    listed.set(file.server, definitions);
    const pack = file.pack === undefined ? undefined : sources.packs.get(file.pack);
    const changes = await sources.db.transaction((tx) =>
      observeDefinitions(tx, sources.clock, file.server, definitions, pack),
    );
    for (const change of changes) {
      sources.log.warn(
        { server: file.server, tool: change.tool, change: change.kind },
        "a tool is not as it was reviewed",
      );
    }
    return changes.length > 0 || JSON.stringify(before) !== JSON.stringify(definitions);
  } catch (cause) {
    sources.log.warn(
      { server: file.server, cause: cause instanceof Problem ? cause.detail : String(cause) },
      "an upstream server cannot be asked for its tools",
    );
    return false;
  }
}

function toConfig(
  sources: UpstreamSources,
  lending: Lending,
  file: ToolsFile,
  workflow: string,
  holder: Holder,
): UpstreamConfig {
  const { server, transport } = file;
  if (transport.kind === "http") return httpUpstream(sources, file, holder, transport);
  const place = (text: string): string => text.replaceAll(workspacePlaceholder, sources.folder);
  const command =
    transport.kind === "package" ? packageCommand(transport, [sources.folder, ...sources.packageFolders]) : transport;
  return {
    server,
    transport: "stdio",
    command: command.command,
    args: command.args.map(place),
    env: {},
    lend: () => lending.lend(file, workflow),
    cwd: transport.cwd === undefined ? sources.folder : place(transport.cwd),
    inherit: sources.inherit,
  };
}
