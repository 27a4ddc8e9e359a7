import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { parseJson, problems } from "@countersign/contract";
import { email } from "@countersign/contract/api";
import { z } from "zod";
import { asProblem, Problem } from "../../floor/problem.ts";
import { type Control, invite } from "../../governance/index.ts";
import { localSocket } from "./socket.ts";

export interface LocalSetting {
  readonly control: Control;
  readonly dataFolder: string;
  readonly publicUrl: () => string;
}

const body = z.strictObject({ person: email });
const maxBytes = 4096;

/**
 * The door for whoever holds the machine: a socket in the data folder, which makes login links that nobody vouches for.
 * Who reaches it can read the signing key and the sealed secrets, so it gives them nothing that they do not have.
 */
export async function openLocal(setting: LocalSetting): Promise<() => Promise<void>> {
  const { folder, path } = localSocket(setting.dataFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // INVARIANT: the folder is closed to others before the socket is there.
  await chmod(folder, 0o700);
  if (await isServed(path)) return async () => undefined;
  await rm(path, { force: true });
  const server = createServer((request, response) => {
    void answerOf(setting, request).then(({ status, json }) => {
      response.writeHead(status, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify(json));
    });
  });
  await listening(server, path);
  await chmod(path, 0o600);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

async function answerOf(
  { control, publicUrl }: LocalSetting,
  request: IncomingMessage,
): Promise<{ readonly status: number; readonly json: object }> {
  try {
    if (request.method !== "POST" || request.url !== "/link") throw new Problem("not_found", "there is nothing here");
    const read = body.safeParse(parseJson(await textOf(request), { maxBytes }));
    if (!read.success) throw new Problem("invalid", "this is no question that this door knows");
    const { shownOnce, expiresAtMs } = await invite(control, "countersign", read.data.person);
    const url = `${publicUrl()}/login?link=${shownOnce.reveal()}`;
    return { status: 201, json: { url, expiresAt: new Date(expiresAtMs).toISOString() } };
  } catch (thrown) {
    const { code, detail, help } = asProblem(thrown);
    return { status: problems[code].status, json: { code, detail, ...(help === undefined ? {} : { help }) } };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > maxBytes) throw new Problem("too_large", "that is more than a question");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Another server over the same folder answers already. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => done(true)).once("error", () => done(false));
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}
