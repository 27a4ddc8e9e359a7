import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect } from "@countersign/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer, Connector, Dispatch } from "../../packages/countersign/src/execution/connector.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { bo, openTestPlane, type TestPlane, until } from "../support/plane.ts";

const text = (words: string, isError = false): Answer => ({
  kind: "answered",
  result: { content: [{ type: "text", text: words }], ...(isError ? { isError } : {}) },
});

/** What becomes of a call, by the name of its file. What is slow waits for its test, or for whoever calls it off. */
const ends: Readonly<Record<string, Answer>> = {
  "lost.md": { kind: "lost", reason: "the connection broke before an answer came" },
  "unsent.md": { kind: "never_sent", reason: "the upstream could not be reached" },
  "wrong.md": text("no such file", true),
};
const slow: { readonly dispatch: Dispatch; readonly answer: (answer: Answer) => void }[] = [];
const connector: Connector = {
  call(dispatch) {
    const args = dispatch.params.arguments as { readonly path: string };
    const name = args.path.split("/").at(-1) ?? "";
    if (dispatch.params.name === "read_text_file" && name.startsWith("put")) return Promise.resolve(text("before"));
    if (!name.startsWith("slow")) return Promise.resolve(ends[name.replace(/^put-/, "")] ?? text("words"));
    return new Promise((resolve) => {
      slow.push({ dispatch, answer: resolve });
      dispatch.signal.addEventListener("abort", () => resolve({ kind: "lost", reason: "it was cancelled" }));
    });
  },
};

let plane: TestPlane;
let key: string;
let agent: TestCli;
let asBo: TestCli;
beforeAll(async () => {
  plane = await openTestPlane({ instead: { connector } });
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  agent = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key });
  asBo = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(bo) });
});
afterAll(async () => {
  for (const cli of [agent, asBo]) cli?.close();
  await plane?.close();
});

const page = (name: string): string => join(plane.folder, "sandbox/pages", name);
const submit = (tool: string, args: object) =>
  agent.run(["--json", "actions", "submit", `files.${tool}`, "--args", JSON.stringify(args)]);
const show = (id: string, ...wait: readonly string[]) => agent.run(["--json", "actions", "show", id, ...wait]);
const end = (id: string) => show(id, "--wait", "10s");

describe("a command that tells how an action ended", () => {
  it("ends with 0 where it is done, 1 where it failed or its server called it an error, 9 where nobody knows", async () => {
    for (const [name, exit, state] of [
      ["fine.md", 0, "done"],
      ["unsent.md", 1, "failed"],
      ["wrong.md", 1, "done"],
      ["lost.md", 9, "unknown"],
    ] as const) {
      const ran = await submit("read_text_file", { path: page(name) });
      expect([name, ran.exit, ran.json.state, ran.stderr]).toEqual([name, exit, state, ""]);
      expect([name, (await end(ran.json.id)).exit]).toEqual([name, exit]);
    }
  });

  it("does so after an approval and an edit, too", async () => {
    const put = async (name: string) => (await submit("write_file", { path: page(name), content: "x" })).json.id;
    expect((await asBo.run(["approvals", "approve", await put("put-unsent.md"), "--yes"])).exit).toBe(1);
    expect((await asBo.run(["approvals", "approve", await put("put-lost.md"), "--yes"])).exit).toBe(9);
    const denied = await asBo.run(["approvals", "deny", await put("put-no.md"), "--reason", "not so", "--yes"]);
    expect(denied.exit).toBe(0);
    const args = JSON.stringify({ path: page("put-wrong.md"), content: "y" });
    const edited = ["approvals", "edit", await put("put-wrong.md"), "--args", args, "--reason", "there", "--yes"];
    expect(await asBo.run([...edited, "--json"])).toMatchObject({ exit: 1, json: { edited: { state: "done" } } });
    const done = await put("put-done.md");
    expect((await asBo.run(["approvals", "approve", done, "--yes"])).exit).toBe(0);
  });

  it("does so after an undo, too", async () => {
    let state = "";
    const server = createServer((_, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id: "act_x", state })),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const exits: Record<string, number> = {};
    for (state of ["done", "held", "failed", "unknown", "refused"])
      exits[state] = (await asBo.run(["reverse", "act_y", "--reason", "r", "--json", "--url", url])).exit;
    expect(exits).toEqual({ done: 0, held: 0, failed: 1, unknown: 9, refused: 3 });
    server.close();
  });
});

describe("a call whose caller went away while it ran", () => {
  const leave = async (name: string, headers: Record<string, string> = {}) => {
    const leaving = new AbortController();
    const body = { server: "files", tool: "read_text_file", arguments: { path: page(name) } };
    const asked = plane.call("POST", "/v1/actions", { key, body, headers, signal: leaving.signal });
    const gone = expect(asked).rejects.toThrow();
    const sent = await until(async () => slow.find(({ dispatch }) => JSON.stringify(dispatch.params).includes(name)));
    leaving.abort();
    await gone;
    return sent;
  };

  it("goes on, and is found by its id", async () => {
    const { dispatch, answer } = await leave("slow-gone.md");
    await until(async () => ((await show(dispatch.actionId)).json.state === "running" ? true : undefined));
    // Time enough for a server that would pass the going away on.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(dispatch.signal.aborted).toBe(false);
    answer(text("late words"));
    expect((await end(dispatch.actionId)).json).toMatchObject({ state: "done" });
  });

  it("is found by its key, and followed by the client to its end", async () => {
    const { dispatch, answer } = await leave("slow-key.md", { "idempotency-key": "the-same" });
    const again = connect({ url: plane.url, key }).actions.submit(
      { server: "files", tool: "read_text_file", arguments: { path: page("slow-key.md") } },
      { idempotencyKey: "the-same" },
    );
    setTimeout(() => answer(text("late words")), 700);
    expect(await again).toMatchObject({ id: dispatch.actionId, state: "done" });
    expect(slow.filter((one) => JSON.stringify(one.dispatch.params).includes("slow-key.md"))).toHaveLength(1);
  });

  it("is called off by whoever says so", async () => {
    const { dispatch } = await leave("slow-off.md");
    await agent.run(["actions", "cancel", dispatch.actionId, "--reason", "not any more"]);
    expect(dispatch.signal.aborted).toBe(true);
    expect(await end(dispatch.actionId)).toMatchObject({ exit: 9, json: { state: "unknown" } });
  });
});
