import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { type Config, defaultPort } from "./config.ts";
import { Problem } from "./floor/problem.ts";
import type { Control } from "./governance/index.ts";
import { renewTls } from "./renew-tls.ts";
import { alreadyRunning } from "./running-note.ts";
import { organisationPath } from "./workspace/files.ts";

export function openServer(
  control: Control,
  config: Config,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const tls = control.keeper.loaded().workspace?.organisation.server.tls;
  const limits = { requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 60_000, maxHeaderSize: 32_768 };
  if (tls === undefined) return createServer(limits, answer);
  const file = (path: string): Buffer => readTls(isAbsolute(path) ? path : join(config.workspaceFolder, path));
  const read = () => ({ cert: file(tls.cert), key: file(tls.key) });
  const server = createTlsServer({ ...limits, ...read(), minVersion: "TLSv1.2" }, answer);
  renewTls(server, read, control.parts.log);
  return server;
}

function readTls(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Problem("invalid", `the TLS file \`${path}\` cannot be read`, {
      help: "`server.tls` of countersign.yaml names it; paths are from the workspace folder",
      cause,
    });
  }
}

export function listenAt(control: Control, config: Config): { readonly host: string; readonly port: number } {
  const listen = control.keeper.loaded().workspace?.organisation.server.listen ?? `127.0.0.1:${defaultPort}`;
  const at = listen.lastIndexOf(":");
  const host = config.host ?? listen.slice(0, at).replace(/^\[|\]$/g, "");
  return { host, port: config.port ?? Number(listen.slice(at + 1)) };
}

/** `server.publicUrl`; where that is a loopback name, with the port that is really listened on. */
export function addressOf(control: Control, port: number): string {
  const { publicUrl, tls } = control.keeper.loaded().workspace?.organisation.server ?? {};
  const url = new URL(publicUrl ?? `${tls === undefined ? "http" : "https"}://localhost`);
  if (url.hostname === "localhost" || url.hostname.startsWith("127.")) url.port = String(port);
  return url.origin;
}

export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      void nextFree(host, port).then((next) => {
        const help =
          next === undefined
            ? "is it an address of this machine, and is another server running there?"
            : `is another server running there? Choose another with COUNTERSIGN_PORT=${next}`;
        reject(new Problem("unavailable", `port ${port} of ${host} cannot be listened on`, { help, cause }));
      });
    });
    server.listen({ host, port }, resolve);
  });
}

const mostTried = 20;

/** Instead of a port that cannot be listened on, one that can be now: one of the next, or the usual one. */
export async function nextFree(host: string, taken: number): Promise<number | undefined> {
  const next = Array.from({ length: mostTried }, (_, at) => taken + 1 + at).filter((port) => port <= 65_535);
  for (const port of [...next, defaultPort]) if (await isFree(host, port)) return port;
  return undefined;
}

async function isFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen({ host, port }, () => resolve(true));
  });
  if (isListening) await new Promise((resolve) => probe.close(resolve));
  return isListening;
}

/** Where it cannot listen because the server of this data folder does, that one is named. */
export async function listenOver(dataFolder: string, server: Server, host: string, port: number): Promise<void> {
  await listen(server, host, port).catch((cause: unknown) => {
    throw alreadyRunning(dataFolder, cause) ?? cause;
  });
}

/**
 * Before a database and keys are made for nothing: fails where the port is taken, as far as it is known before the
 * workspace in force is read. What the workspace's own file says is looked at for that alone.
 */
export async function requireFreePort(config: Config): Promise<void> {
  const asked = await askedListen(config.workspaceFolder);
  const at = asked.lastIndexOf(":");
  const port = config.port ?? Number(asked.slice(at + 1));
  if (port === 0) return;
  const probe = createServer();
  await listenOver(config.dataFolder, probe, config.host ?? asked.slice(0, at).replace(/^\[|\]$/g, ""), port);
  await new Promise((resolve) => probe.close(resolve));
}

async function askedListen(folder: string): Promise<string> {
  const usual = `127.0.0.1:${defaultPort}`;
  try {
    const text = await readFile(join(folder, organisationPath), "utf8");
    const { server } = (parse(text) ?? {}) as { server?: { listen?: unknown } };
    return typeof server?.listen === "string" && /:[0-9]{1,5}$/.test(server.listen) ? server.listen : usual;
  } catch {
    return usual;
  }
}

/** Waits until what is being answered is answered, at most two seconds more. */
export async function emptied(server: Server): Promise<void> {
  server.closeIdleConnections();
  const gone = new Promise<void>((resolve) => {
    if (!server.listening)
      server.getConnections((_, count) => (count === 0 ? resolve() : server.once("close", resolve)));
    else server.once("close", resolve);
  });
  const patience = new Promise<void>((resolve) => setTimeout(resolve, 2_000).unref());
  await Promise.race([gone, patience]);
  server.closeAllConnections();
}
