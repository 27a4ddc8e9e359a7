import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../packages/countersign/src/config.ts";
import { type Route, routes } from "../../packages/countersign/src/doors/http/index.ts";
import { type Clock, systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { createLog, type Log, silent } from "../../packages/countersign/src/floor/log.ts";
import { invite, issueFirstKey } from "../../packages/countersign/src/governance/index.ts";
import { type Running, type ServeOptions, serve } from "../../packages/countersign/src/serve.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "./database.ts";

const example = fileURLToPath(new URL("../../examples/workspace", import.meta.url));

export const ana = "ana@acme.example";
export const bo = "bo@acme.example";
export const cy = "cy@acme.example";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; their form is checked by the route's schema
  readonly json: any;
}

export interface CallOptions {
  readonly key?: string;
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another replica's address. */
  readonly url?: string;
  readonly signal?: AbortSignal;
}

/** A whole server on loopback, over a database of its own, with a copy of the example workspace. */
export interface TestPlane {
  /** Another one once it was started again. */
  readonly running: Running;
  readonly url: string;
  readonly folder: string;
  readonly database: TestDatabase;
  /** Calls an address; what it answers must have the form that its route declares. */
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** A key of an agent. */
  agent(name: string, environment?: string): Promise<string>;
  /** A command line's credential of a person. */
  person(email: string): Promise<string>;
  /** Another replica on the same database and key folder. */
  replica(options?: Partial<ServeOptions>): Promise<Running>;
  /** Ends the server, and starts it again at the same address once `meanwhile` is over. */
  startAgain(meanwhile: () => Promise<void>): Promise<void>;
  /** Puts a tier in force, as two people do. */
  grantTier(agent: string, workflow: string, tier: 1 | 2 | 3): Promise<void>;
  close(): Promise<void>;
}

export interface PlaneOptions {
  /** The folder of another workspace than the example's. */
  readonly workspace?: string;
  /** Changes a file of the workspace before the start. */
  readonly edit?: Readonly<Record<string, (text: string) => string>>;
  /** Further files of the workspace. */
  readonly add?: Readonly<Record<string, string>>;
  /** Keeps the guardrails on information flow, which would hold what runs that nobody opened write. */
  readonly flow?: boolean;
  readonly log?: Log;
  /** This machine's clock, where it is not the system's. */
  readonly clock?: Clock;
  readonly instead?: ServeOptions["instead"];
}

/** Stories of other things are not held for the DRI as well: `flow.test.ts` is about that. */
function spareWorkflows(folder: string): void {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    if (!/^flow:/m.test(text)) writeFileSync(join(folder, name), `${text.trimEnd()}\nflow: off\n`);
  }
}

export async function openTestPlane(options: PlaneOptions = {}): Promise<TestPlane> {
  const database = await openTestDatabase();
  const root = mkdtempSync(join(tmpdir(), "countersign-plane-"));
  const folder = join(root, "workspace");
  cpSync(options.workspace ?? example, folder, { recursive: true });
  for (const [file, edit] of Object.entries(options.edit ?? {})) {
    writeFileSync(join(folder, file), edit(readFileSync(join(folder, file), "utf8")));
  }
  for (const [file, text] of Object.entries(options.add ?? {})) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  if (options.flow !== true) spareWorkflows(join(folder, "workflows"));
  const log = options.log ?? (process.env.PLANE_LOG === undefined ? silent : createLog("info"));
  const config = readConfig({
    COUNTERSIGN_DATA: join(root, "data"),
    COUNTERSIGN_WORKSPACE: folder,
    COUNTERSIGN_PORT: "0",
    COUNTERSIGN_DRAIN_SECONDS: "5",
    DATABASE_URL: database.url,
    DATABASE_ADMIN_URL: urlOf(database.ownerAt),
  });
  const base: ServeOptions = {
    config,
    clock: options.clock ?? systemClock,
    log,
    ...(options.instead === undefined ? {} : { instead: options.instead }),
  };
  const open: Running[] = [];
  const start = async (more: Partial<ServeOptions> = {}): Promise<Running> => {
    const running = await serve({ ...base, ...more });
    open.push(running);
    return running;
  };
  let running = await start();
  const call = (method: string, path: string, more: CallOptions = {}) => send(running.url, method, path, more);
  const people = new Map<string, string>();
  const person = async (email: string): Promise<string> => {
    const known = people.get(email);
    if (known !== undefined) return known;
    const link = await invite(running.control, "countersign", email);
    const { json } = await call("POST", "/v1/login/cli", { body: { link: link.shownOnce.reveal(), note: "a test" } });
    people.set(email, json.key);
    return json.key;
  };
  return {
    get running() {
      return running;
    },
    url: running.url,
    folder,
    database,
    call,
    person,
    async agent(name, environment = "sandbox") {
      return (await issueFirstKey(running.control, { agent: name, environment })).shownOnce.reveal();
    },
    replica: start,
    async startAgain(meanwhile) {
      await running.close();
      open.splice(open.indexOf(running), 1);
      await meanwhile();
      running = await start({ config: { ...config, port: Number(new URL(running.url).port) } });
    },
    async grantTier(agent, workflow, tier) {
      const body = { agent, workflow, tier, days: 7, reason: "a test needs it" };
      const { json } = await call("POST", "/v1/waivers", { key: await person(ana), body });
      await call("POST", `/v1/waivers/${json.id}/sign`, { key: await person(bo), body: {} });
    },
    async close() {
      await Promise.all(open.map((one) => one.close()));
      await database.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function send(origin: string, method: string, path: string, options: CallOptions): Promise<Reply> {
  const { key, body, raw, headers, url = origin, signal } = options;
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(sent === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  const json = /\bjson\b/.test(type) && !type.includes("dsse") ? JSON.parse(text) : undefined;
  checkForm(method, path, response.status, json);
  return { status: response.status, headers: response.headers, text, json };
}

/** Every answer of every test is held against what `/openapi.json` promises. */
function checkForm(method: string, path: string, status: number, json: unknown): void {
  const route = routeOf(method, path.split("?")[0] ?? "");
  const schema = route?.answers[status]?.schema;
  if (schema === undefined || json === undefined) return;
  const read = schema.safeParse(json);
  if (!read.success) {
    const issues = JSON.stringify(read.error.issues.slice(0, 3));
    throw new Error(`${method} ${path} answers ${status} in another form than it declares: ${issues}`);
  }
}

export function routeOf(method: string, path: string): Route | undefined {
  const fits = routes.filter((route) => route.method === method && patternOf(route).test(path));
  return fits.find((route) => !route.path.includes(":")) ?? fits[0];
}

function patternOf(route: Route): RegExp {
  const parts = route.path
    .split("/")
    .map((part) => (part.startsWith(":") ? "[^/]+" : part === "*" ? ".*" : RegExp.escape(part)));
  return new RegExp(`^${parts.join("/")}$`);
}

/** Waits until `look` gives something. */
export async function until<T>(look: () => Promise<T | undefined>, ms = 30_000): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error("it did not come to be in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
