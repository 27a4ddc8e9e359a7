import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listReviews } from "../../packages/countersign/src/catalog/index.ts";
import { reviewTool } from "../../packages/countersign/src/governance/index.ts";
import type { Running } from "../../packages/countersign/src/serve.ts";
import { ana as anaHerself } from "../faults/workspace.ts";
import { openTestCli } from "../support/cli.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const script = fileURLToPath(new URL("../support/keeper-server.ts", import.meta.url));
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text that stands in files
const place = "${workspace}/sandbox";

const toolsFile = (server: string, env: string, further = ""): string => `server: ${server}
transport:
  kind: stdio
  command: ${process.execPath}
  args: ["${script}", "$\{workspace}/${server}.jsonl"${further}]
  env: { ${env} }
environment: sandbox
tools:
  who: { verb: read, environment: server, target: x }
  slow: { verb: read, environment: server, target: x }
`;
const workflowFile = (name: string, agent: string, allow: string): string => `workflow: ${name}
purpose: ask servers who they are
dri: ${ana}
pattern: autonomous-nonprod
agents: [${agent}]
tier: 0
allow: ${allow}
ask: []
block: []
logging: { capture: full, redact: [] }
budget: { run: 2 USD, day: 50 USD, alert: 80%, calls: { perMinute: 1000000 } }
escalation: [${bo} after 15m]
rollback: { playbook: playbooks/asking.md, drill: every 30d }
flow: off
`;
const keeperEnv = `KEEPER_TOKEN: "secret://keeper-token", KEEPER_PLACE: "${place}"`;
const workspace: Readonly<Record<string, string>> = {
  "countersign.yaml": `organisation: Processes
people:
  - { email: ${ana}, name: Ana, roles: [dri, admin, approver], groups: [] }
  - { email: ${bo}, name: Bo, roles: [admin, operator], groups: [] }
groups: {}
agents:
  - { name: scribe, owner: ${bo}, purpose: asks its servers who they are }
  - { name: idler, owner: ${bo}, purpose: does nothing }
environments:
  sandbox: { production: false }
`,
  "workflows/asking.yaml": workflowFile("asking", "scribe", "[keeper.who, keeper.slow, beside.who, beside.slow]"),
  "workflows/idling.yaml": workflowFile("idling", "idler", "[beside.who]"),
  "playbooks/asking.md": "# Asking\n\n1. Stop the agent.\n",
  "tools/keeper.yaml": toolsFile("keeper", keeperEnv),
  "tools/beside.yaml": toolsFile("beside", ""),
  // Neither can be a secret: the one is plain text, and the other is refused when it is to be put in.
  "tools/flagged.yaml": toolsFile("flagged", "", ', "--token", "secret://GITHUB_TOKEN"'),
  "tools/mistaken.yaml": toolsFile("mistaken", `KEEPER_TOKEN: "secret://a..b"`),
  // Nobody has installed it: the servers beside it run all the same.
  "tools/absent.yaml": `server: absent
transport: { kind: package, package: not-installed-anywhere }
environment: sandbox
tools:
  who: { verb: read, environment: server, target: x }
`,
};

let plane: TestPlane;
let other: Running;
let key: string;
let asAna: string;
let asBo: string;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-processes-"));
  for (const [path, text] of Object.entries(workspace)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  plane = await openTestPlane({ workspace: folder });
  rmSync(folder, { recursive: true });
  other = await plane.replica();
  key = await plane.agent("scribe");
  [asAna, asBo] = [await plane.person(ana), await plane.person(bo)];
});
afterAll(async () => plane?.close());

interface Start {
  readonly pid: number;
  readonly given: string | null;
  readonly place: string | null;
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 10);
/** What the server's processes wrote down: how each was started, and which slow calls came to it. */
const linesOf = (server: string): readonly (Partial<Start> & { readonly slow?: number })[] => {
  const file = join(plane.folder, `${server}.jsonl`);
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
};
const startsOf = (server: string) => linesOf(server).filter((line): line is Start => line.pid !== undefined);
/** How many slow calls are at work in the server's processes, or were. */
const slowOnes = (server = "keeper"): number => linesOf(server).filter(({ slow }) => slow !== undefined).length;
const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const running = (server: string): readonly Start[] => startsOf(server).filter(({ pid }) => runs(pid));
const put = async (value: string, url = plane.url) => {
  const reply = await plane.call("PUT", "/v1/secrets", { key: asAna, body: { name: "keeper-token", value }, url });
  expect(reply.status).toBe(201);
};
const call = async (tool: string, args: object = {}, { server = "keeper", url = plane.url } = {}) =>
  (await plane.call("POST", "/v1/actions", { key, body: { server, tool, arguments: args }, url })).json;
const answered = ({ result }: { result?: { content: [{ text: string }] } }): Start | undefined =>
  result === undefined ? undefined : JSON.parse(result.content[0].text);
const review = async (server: string) => {
  const { control, assembled } = plane.running;
  for (const { tool, digest: of } of await listReviews(assembled.db, server))
    await reviewTool(control, anaHerself, { server, tool, digest: of, answer: "approve" });
};
const sandbox = () => join(plane.folder, "sandbox");

it("a server whose package is not there hinders no other, and is said not to be there", async () => {
  const { assembled } = plane.running;
  expect(assembled.upstreams.of("absent", "asking")).toBeUndefined();
  const dispatch = { action: "act_1", server: "absent", tool: "who", workflow: "asking", method: "tools/call" };
  const never = await assembled.upstreams.call({ ...dispatch, params: { name: "who" } } as never);
  expect(never).toMatchObject({ kind: "never_sent", reason: "the plane has no way to such a server" });
  expect(startsOf("beside")).not.toEqual([]);
});

describe("a server whose process needs a secret", () => {
  it("is not started without it, with none of its settings, and is as soon as the secret is there", async () => {
    expect(startsOf("beside")).not.toEqual([]);
    expect(startsOf("keeper")).toEqual([]);
    await put("first-value-of-the-token", other.url);
    await expect.poll(() => startsOf("keeper").length).toBeGreaterThan(0);
    await expect.poll(async () => (await listReviews(plane.running.assembled.db, "keeper")).length).toBe(2);
    await review("keeper");
    await review("beside");
    await expect.poll(async () => (await call("who")).state).toBe("done");
    expect(new Set(startsOf("keeper").map(({ given, place: at }) => JSON.stringify([given, at])))).toEqual(
      new Set([JSON.stringify([digest("first-value-of-the-token"), sandbox()])]),
    );
  }, 120_000);

  it("gets a new version on every replica without a restart; a call that runs with the old one ends first", async () => {
    const there = () => call("who", {}, { url: other.url });
    await expect.poll(async () => (await there()).state).toBe("done");
    const old = running("keeper").map(({ pid }) => pid);
    const before = slowOnes();
    const slow = call("slow", { ms: 3_000 });
    await expect.poll(() => slowOnes()).toBe(before + 1);
    await put("second-value-of-the-token");
    const second = digest("second-value-of-the-token");
    for (const asked of [() => call("who"), there])
      await expect.poll(async () => answered(await asked())?.given).toBe(second);
    const ended = await slow;
    expect([ended.state, answered(ended)?.given]).toEqual(["done", digest("first-value-of-the-token")]);
    await expect.poll(() => old.filter(runs)).toEqual([]);
    expect(running("keeper").every(({ given }) => given === second)).toBe(true);
  });

  it("that cannot be had any more has no process started with less, and its calls are never sent", async () => {
    const { store } = plane.running.assembled.connections;
    await store.destroy("keeper-token");
    await plane.running.assembled.upstreams.lookAtSecrets();
    await expect.poll(async () => (await call("who")).state).toBe("failed");
    const { sentence } = await call("who");
    expect(sentence).toContain("there is no secret `keeper-token`");
    expect(startsOf("keeper").filter(({ given }) => given === null)).toEqual([]);
    await put("third-value-of-the-token");
    await expect.poll(async () => answered(await call("who"))?.given).toBe(digest("third-value-of-the-token"));
  });
});

it("a server whose file names what cannot be a secret keeps no other from a new version of one", async () => {
  expect(startsOf("flagged")).not.toEqual([]);
  expect(startsOf("mistaken")).toEqual([]);
  await put("fourth-value-of-the-token");
  await expect.poll(async () => answered(await call("who"))?.given).toBe(digest("fourth-value-of-the-token"));
  const { upstreams } = plane.running.assembled;
  await expect(upstreams.lookAtSecrets()).resolves.toBeDefined();
});

describe("a stop", () => {
  const stop = async (scope: string, name: string) => {
    const body = { scope, name, reason: "it acts oddly" };
    const { status, json } = await plane.call("POST", "/v1/stops", { key: asAna, body });
    expect(status).toBe(201);
    return json;
  };
  const lift = async (id: string) => {
    const body = { reason: "it was meant" };
    expect((await plane.call("POST", `/v1/stops/${id}/lift`, { key: asBo, body })).status).toBe(200);
  };

  it("takes back what processes were given, on every replica, names it, and lifting it brings them back", async () => {
    await call("who");
    await call("who", {}, { url: other.url });
    const leases = () => running("keeper").length;
    expect(leases()).toBeGreaterThan(1);
    const json = await stop("system", "keeper");
    expect(json.processes).toEqual(
      expect.arrayContaining([{ server: "keeper", workflow: "asking", secrets: ["keeper-token"] }]),
    );
    expect(new Set(json.processes.map(({ server }: { server: string }) => server))).toEqual(new Set(["keeper"]));
    await expect.poll(leases).toBe(0);
    const shown = await plane.call("GET", `/v1/stops/${json.stop.id}`, { key: asAna });
    expect(shown.json.processes).toEqual(json.processes);
    const started = startsOf("keeper").length;
    for (const { assembled } of [plane.running, other]) await assembled.upstreams.observe();
    expect((await call("who")).state).toBe("refused");
    expect(startsOf("keeper")).toHaveLength(started);
    expect(running("beside")).not.toEqual([]);
    await lift(json.stop.id);
    expect((await call("who")).state).toBe("done");
  });

  it("of one tool, or of another workflow, ends nothing; of the workflow, only that workflow's processes", async () => {
    await call("who");
    for (const [scope, name] of [
      ["tool", "keeper.slow"],
      ["workflow", "idling"],
    ] as const) {
      const json = await stop(scope, name);
      expect(json.processes.filter(({ server }: { server: string }) => server === "keeper")).toEqual([]);
      await lift(json.stop.id);
    }
    const json = await stop("workflow", "asking");
    expect(json.processes.length).toBeGreaterThan(0);
    expect(json.processes.every(({ workflow }: { workflow: string }) => workflow === "asking")).toBe(true);
    await lift(json.stop.id);
    expect((await call("who")).state).toBe("done");
  });

  it("lets what is on its way end, and cuts off what does not end soon", async () => {
    await call("who");
    const before = slowOnes();
    const [short, long] = [call("slow", { ms: 2_000 }), call("slow", { ms: 30_000 })];
    await expect.poll(() => slowOnes()).toBe(before + 2);
    const json = await stop("tool", "keeper");
    expect(json.processes.length).toBeGreaterThan(0);
    expect([(await short).state, (await long).state]).toEqual(["done", "unknown"]);
    await expect.poll(() => running("keeper")).toEqual([]);
    await lift(json.stop.id);
  });
});

it("a change of one server's way leaves the calls of the others alone, and its own calls their time", async () => {
  await call("who");
  const besides = running("beside").map(({ pid }) => pid);
  const slowBefore = slowOnes() + slowOnes("beside");
  const slow = [call("slow", { ms: 12_000 }), call("slow", { ms: 12_000 }, { server: "beside" })];
  await expect.poll(() => slowOnes() + slowOnes("beside")).toBe(slowBefore + 2);
  const { files } = plane.running.control.keeper.loaded();
  const changed = { ...files, "tools/keeper.yaml": toolsFile("keeper", `${keeperEnv}, ANOTHER: "1"`) };
  const asked = await plane.call("POST", "/v1/workspace/apply", { key: asAna, body: { files: changed } });
  const { proposal, plan } = asked.json;
  const before = startsOf("keeper").length;
  const sign = { key: asBo, body: { digest: plan.to } };
  expect((await plane.call("POST", `/v1/proposals/${proposal}/sign`, sign)).status).toBe(200);
  await expect.poll(() => startsOf("keeper").length).toBeGreaterThan(before);
  expect((await Promise.all(slow)).map(({ state }) => state)).toEqual(["done", "done"]);
  expect(running("beside").map(({ pid }) => pid)).toEqual(expect.arrayContaining(besides));
});

describe("a secret that is removed", () => {
  const remove = (body: object, who = asAna) => plane.call("POST", "/v1/secrets/remove", { key: who, body });
  const kept = async () => {
    const { rows } = await plane.database.owner.query<{ versions: number; sealed: number }>(
      `select count(*)::int as versions, count(coalesce(ciphertext, dek_wrapped))::int as sealed
       from sealed_secret where path = 'keeper-token'`,
      [],
    );
    return rows[0];
  };

  it("is not while a tools file in force refers to it, unless somebody says why", async () => {
    await call("who");
    const refused = await remove({ name: "keeper-token" });
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({
      at: "/although",
      detail: "`tools/keeper.yaml` in force refers to `keeper-token`, so it was not removed",
    });
    expect((await kept())?.sealed).toBeGreaterThan(1);
    expect((await call("who")).state).toBe("done");
    for (const [body, status] of [
      [{ name: "no-such-secret" }, 404],
      [{ name: "connection/con_1" }, 400],
      [{ name: "Bad Name" }, 400],
      [{ name: "keeper-token", although: "" }, 400],
    ] as const)
      expect((await remove(body)).status).toBe(status);
    expect((await remove({ name: "keeper-token", although: "x" }, key)).status).toBe(403);
  });

  it("is gone with every version, at once and on every replica, and what needs it fails and says so", async () => {
    const there = () => call("who", {}, { url: other.url });
    await Promise.all([call("who"), there()]);
    const before = await kept();
    const slowBefore = slowOnes();
    const slow = call("slow", { ms: 60_000 }, { url: other.url });
    await expect.poll(() => slowOnes()).toBe(slowBefore + 1);
    const removed = await remove({ name: "keeper-token", although: "it stood in a chat" });
    expect(removed.status).toBe(200);
    expect(removed.json).toMatchObject({ versions: before?.sealed, usedBy: ["`tools/keeper.yaml`"] });
    expect(await kept()).toEqual({ versions: before?.versions, sealed: 0 });
    // What has the value already is ended, also in the other replica, with the call that was under way.
    await expect.poll(() => running("keeper"), { timeout: 20_000 }).toEqual([]);
    expect((await slow).state).toBe("unknown");
    for (const asked of [() => call("who"), there]) {
      const failed = await asked();
      expect(failed.state).toBe("failed");
      expect(failed.sentence).toContain("there is no secret `keeper-token`");
    }
    expect((await plane.call("GET", "/v1/secrets", { key: asAna })).json.secrets).toEqual([]);
    const receipt = await plane.call("GET", removed.json.receipt, { key: asAna });
    expect(receipt.json).toMatchObject({
      kind: "secret",
      payload: { deed: "removed", secret: "keeper-token", by: ana, although: "it stood in a chat" },
    });
    expect(receipt.text).not.toContain("value-of-the-token");
    expect((await remove({ name: "keeper-token" })).status).toBe(404);
  });

  it("can be kept anew, as a later version, and one that nothing refers to goes without a word", async () => {
    await put("fifth-value-of-the-token");
    await expect.poll(async () => answered(await call("who"))?.given).toBe(digest("fifth-value-of-the-token"));
    const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: asBo });
    const typed = await cli.run(["secret", "put", "old-thing"], { input: "a-value-of-some-thing" });
    expect(typed.exit).toBe(0);
    const gone = await cli.run(["secret", "remove", "old-thing"]);
    expect([gone.exit, gone.stdout]).toEqual([
      0,
      expect.stringMatching(/^removed old-thing, its one version\nreceipt gov_/),
    ]);
    const refused = await cli.run(["secret", "remove", "keeper-token"]);
    expect([refused.exit, refused.stderr]).toEqual([6, expect.stringContaining("say why it goes")]);
    const forced = await cli.run(["secret", "remove", "keeper-token", "--although", "nobody uses it"]);
    expect(forced.stdout).toContain("`tools/keeper.yaml` refers to it: what needs it fails from now on");
    cli.close();
  });
});
