import { join } from "node:path";
import { expect } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import type { ConsoleStage } from "./open-console.ts";

/** What an agent did in a run that Ana opened: a page written over after Bo's yes, something read, something refused. */
export interface Acted {
  readonly run: string;
  readonly written: string;
  readonly refused: string;
  readonly read: string;
  /** One call of the agent in a run; what it answers at once. */
  call(
    tool: string,
    args: object,
    run: string,
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  ): Promise<any>;
  path(name: string): string;
  open(task: string): Promise<string>;
  answer(action: string, email: string): Promise<void>;
}

export async function actOn({ plane, scribe }: ConsoleStage): Promise<Acted> {
  const path = (name: string): string => join(plane.folder, "sandbox", "pages", name);
  const open = async (task: string): Promise<string> =>
    (await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body: { agent: "scribe", task } })).json.id;
  const call: Acted["call"] = async (tool, args, run) =>
    (await plane.call("POST", "/v1/actions", { key: scribe, body: { server: "files", tool, arguments: args, run } }))
      .json;
  const answer = async (action: string, email: string): Promise<void> => {
    const key = await plane.person(email);
    const { json: shown } = await plane.call("GET", `/v1/approvals/${action}`, { key });
    const { callDigest, shownDigest } = shown;
    const body = { verdict: "approve", callDigest, shownDigest, reason: "it is right" };
    expect((await plane.call("POST", `/v1/approvals/${action}/answer`, { key, body })).status).toBe(200);
    await until(async () => {
      const { json } = await plane.call("GET", `/v1/actions/${action}`, { key });
      return json.state === "done" ? true : undefined;
    });
  };
  const run = await open("bring the welcome page up to date, see OPS-4711");
  const { id: read } = await call("read_text_file", { path: path("welcome.md") }, run);
  const { id: written } = await call("write_file", { path: path("welcome.md"), content: "Welcome, OPS-4711.\n" }, run);
  const { id: refused } = await call("move_file", { source: path("welcome.md"), destination: path("x.md") }, run);
  await answer(written, bo);
  return { run, written, refused, read, call, path, open, answer };
}
