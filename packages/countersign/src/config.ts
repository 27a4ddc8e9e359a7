import { resolve } from "node:path";
import type { LogLevel } from "./floor/log.ts";
import { Problem } from "./floor/problem.ts";
import { Secret } from "./floor/secret.ts";
import { nearest } from "./workspace/nearest.ts";

/** What the process takes from its environment. Everything about the organisation stands in the workspace's files. */
export interface Config {
  /** Absolute path of the folder for the embedded database, keys and sealed secrets. */
  readonly dataFolder: string;
  /** Absolute path of the folder with `countersign.yaml`. */
  readonly workspaceFolder: string;
  /** Where the server listens; `undefined` leaves it to `server.listen` of the workspace. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly log: LogLevel;
  /** A PostgreSQL of one's own; without it the embedded one is started. */
  readonly databaseUrl: Secret | undefined;
  /** With the right to change tables, for migrations; falls back to `databaseUrl`. */
  readonly databaseAdminUrl: Secret | undefined;
  readonly databaseConnections: number;
  /** Absolute path of an age identity file: the key file is then encrypted to it, and useless without it. */
  readonly ageIdentityFile: string | undefined;
  /** How long a stop waits for calls that are under way. */
  /** Share of decisions that the second policy engine makes again. */
  readonly crossCheckShare: number;
  readonly drainMs: number;
  /** For the command line: which server to ask, and with which key. */
  readonly serverUrl: string | undefined;
  readonly key: Secret | undefined;
  /** All of this environment that the process of an upstream server may see. */
  readonly inherit: Readonly<Record<string, string>>;
}

export const defaultPort = 4600;

/** Every setting there is, with what it means: documentation and completions are made of it. */
export const settings = {
  COUNTERSIGN_DATA: "folder for the embedded database, keys and sealed secrets; `.countersign`",
  COUNTERSIGN_WORKSPACE: "folder with `countersign.yaml`; the current folder",
  COUNTERSIGN_HOST: "address to listen on, above `server.listen` of the workspace; `127.0.0.1`",
  COUNTERSIGN_PORT: "port to listen on, above `server.listen` of the workspace; `4600`",
  COUNTERSIGN_LOG: "`debug`, `info`, `warn`, `error` or `silent`; `info`",
  COUNTERSIGN_DATABASE_CONNECTIONS: "connections to PostgreSQL at most; `10`",
  COUNTERSIGN_AGE_IDENTITY:
    "age identity file (mode 0600) that opens the sealing key; without it the key file is plain",
  COUNTERSIGN_CROSS_CHECK: "share of decisions that a second policy engine makes again, 0 to 1; `0.01`",
  COUNTERSIGN_DRAIN_SECONDS: "how long a stop waits for calls under way; `20`",
  COUNTERSIGN_URL: "the server that the command line asks; `http://localhost:4600`",
  COUNTERSIGN_KEY: "the key that the command line shows",
  DATABASE_URL: "a PostgreSQL of one's own, `postgres://…`; without it the embedded one is started",
  DATABASE_ADMIN_URL: "the same with the right to change tables, for migrations",
} as const;

type Setting = keyof typeof settings;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings. Throws `invalid` at the first that is wrong or, with our prefix, not known. */
export function readConfig(environment: Environment = process.env): Config {
  refuseUnknown(environment);
  const text = (setting: Setting): string | undefined => {
    const value = environment[setting]?.trim();
    return value === "" ? undefined : value;
  };
  const secret = (setting: Setting): Secret | undefined => {
    const value = text(setting);
    return value === undefined ? undefined : new Secret(value);
  };
  return {
    dataFolder: resolve(text("COUNTERSIGN_DATA") ?? ".countersign"),
    workspaceFolder: resolve(text("COUNTERSIGN_WORKSPACE") ?? "."),
    host: text("COUNTERSIGN_HOST"),
    port: optionalNumber("COUNTERSIGN_PORT", text, { from: 0, to: 65_535, whole: true }),
    log: logLevel(text("COUNTERSIGN_LOG") ?? "info"),
    databaseUrl: databaseUrl("DATABASE_URL", secret),
    databaseAdminUrl: databaseUrl("DATABASE_ADMIN_URL", secret),
    databaseConnections:
      optionalNumber("COUNTERSIGN_DATABASE_CONNECTIONS", text, { from: 2, to: 500, whole: true }) ?? 10,
    ageIdentityFile: absolute(text("COUNTERSIGN_AGE_IDENTITY")),
    crossCheckShare: optionalNumber("COUNTERSIGN_CROSS_CHECK", text, { from: 0, to: 1, whole: false }) ?? 0.01,
    drainMs: (optionalNumber("COUNTERSIGN_DRAIN_SECONDS", text, { from: 0, to: 3600, whole: true }) ?? 20) * 1000,
    serverUrl: serverUrl(text("COUNTERSIGN_URL")),
    key: secret("COUNTERSIGN_KEY"),
    inherit: Object.fromEntries(
      ["PATH", "HOME", "SystemRoot"].flatMap((name) =>
        environment[name] === undefined ? [] : [[name, environment[name]]],
      ),
    ),
  };
}

/** A misspelled setting would silently leave its default in force, so it stops the start. */
function refuseUnknown(environment: Environment): void {
  for (const name of Object.keys(environment)) {
    // `COUNTERSIGN_TEST_…` belongs to the project's own tests, whose servers inherit their environment.
    if (!name.startsWith("COUNTERSIGN_") || name.startsWith("COUNTERSIGN_TEST_") || Object.hasOwn(settings, name))
      continue;
    const meant = nearest(name, Object.keys(settings));
    throw new Problem("invalid", `there is no setting \`${name.slice(0, 80)}\``, {
      help: meant === undefined ? "`countersign up --help` lists the settings" : `did you mean \`${meant}\`?`,
      at: name.slice(0, 80),
    });
  }
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function optionalNumber(
  setting: Setting,
  text: (setting: Setting) => string | undefined,
  range: { readonly from: number; readonly to: number; readonly whole: boolean },
): number | undefined {
  const value = text(setting);
  if (value === undefined) return undefined;
  const number = /^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(value) ? Number(value) : Number.NaN;
  if (number >= range.from && number <= range.to && (!range.whole || Number.isInteger(number))) return number;
  throw wrong(
    setting,
    "does not fit",
    `a ${range.whole ? "whole number" : "number"} from ${range.from} to ${range.to}`,
  );
}

const logLevels = ["debug", "info", "warn", "error", "silent"] as const satisfies readonly LogLevel[];

function logLevel(value: string): LogLevel {
  const level = logLevels.find((each) => each === value);
  if (level !== undefined) return level;
  const meant = nearest(value, logLevels);
  throw wrong("COUNTERSIGN_LOG", "is not a level", logLevels.join(", "), meant);
}

function databaseUrl(setting: Setting, secret: (setting: Setting) => Secret | undefined): Secret | undefined {
  const url = secret(setting);
  if (url === undefined || /^postgres(ql)?:\/\/./.test(url.reveal())) return url;
  throw wrong(setting, "is not an address of a PostgreSQL", "`postgres://user@host/database`");
}

function serverUrl(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "")
    return url.origin;
  throw wrong(
    "COUNTERSIGN_URL",
    "is not the address of a server",
    "`http://localhost:4600` or `https://…`, without name and password",
  );
}

/** Never repeats the value: it may be a secret in the wrong place. */
function wrong(setting: Setting, why: string, expected: string, meant?: string): Problem {
  const help = meant === undefined ? `expected ${expected}` : `expected ${expected}; did you mean \`${meant}\`?`;
  return new Problem("invalid", `the setting \`${setting}\` ${why}`, { help, at: setting });
}
