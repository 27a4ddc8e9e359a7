import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { invite, listReaders } from "../../packages/countersign/src/governance/index.ts";
import type { PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import { readSubject } from "../../packages/countersign/src/ledger/read.ts";
import { read } from "../../packages/countersign/src/workspace/index.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

// Each runs several processes one after the other.
vi.setConfig({ testTimeout: 240_000 });

const noReads = `@id("no-reads")
@title("nobody reads pages")
forbid (principal, action == Action::"files.read_text_file", resource);
`;
const readsAsk = `@id("reads-ask")
@cure("approval") @from("leads") @count("1") @open("4h") @valid("1h") @exclude("nobody")
forbid (principal, action == Action::"files.read_text_file", resource)
unless { context.facts.cured.contains("reads-ask") };
`;
const noHellos = `@id("no-hellos")
forbid (principal, action == Action::"files.write_file", resource)
when { resource.environment.name == "sandbox" && context.args has content && context.args.content == "hello" };
`;

let plane: TestPlane;
let root: string;
let folder: string;
let cli: TestCli;
let base: Readonly<Record<string, string>>;
let key: string;
const ids = { read: "", refused: "", held: "" };

function put(files: Readonly<Record<string, string>>): void {
  rmSync(join(folder, "policies"), { recursive: true, force: true });
  for (const [file, text] of Object.entries({ ...base, ...files })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

const auditor: PersonCaller = {
  kind: "person",
  email: ana,
  name: "Ana",
  roles: ["auditor"],
  groups: [],
  credential: "test",
  method: "cli",
};
const page = (name: string): string => join(plane.folder, "sandbox", name);
const submit = (tool: string, args: object, url?: string) =>
  plane.call("POST", "/v1/actions", {
    key,
    body: { server: "files", tool, arguments: args },
    ...(url === undefined ? {} : { url }),
  });
const entries = async (): Promise<number> =>
  Number(
    (await plane.database.owner.query<{ count: number }>("select count(*)::int as count from entry")).rows[0]?.count,
  );

/** Puts files in force, as two people do. */
async function activate(files: Readonly<Record<string, string>>): Promise<number> {
  const body = { files: { ...base, ...files } };
  const { json: proposed } = await plane.call("POST", "/v1/workspace/apply", { key: await plane.person(ana), body });
  await sign(proposed.proposal);
  return (await plane.call("GET", "/v1/workspace", { key: await plane.person(ana) })).json.revision;
}

async function sign(id: string, email = bo): Promise<void> {
  const { json: shown } = await plane.call("GET", `/v1/proposals/${id}`, { key: await plane.person(email) });
  const signed = await plane.call("POST", `/v1/proposals/${id}/sign`, {
    key: await plane.person(email),
    body: { digest: shown.digest },
  });
  expect(signed.status).toBe(200);
}

beforeAll(async () => {
  plane = await openTestPlane();
  root = mkdtempSync(join(tmpdir(), "countersign-policy-"));
  folder = join(root, "workspace");
  cpSync(plane.folder, folder, { recursive: true });
  base = (await read(folder)).files;
  await plane.grantTier("scribe", "docs-upkeep", 2);
  key = await plane.agent("scribe");
  ids.read = (await submit("read_text_file", { path: page("pages/welcome.md") })).json.id;
  ids.refused = (await submit("move_file", { source: page("a"), destination: page("b") })).json.id;
  ids.held = (await submit("write_file", { path: page("new.md"), content: "hello" })).json.id;
  cli = openTestCli({ COUNTERSIGN_URL: plane.url });
  const link = (await invite(plane.running.control, "countersign", ana)).shownOnce.reveal();
  await cli.run(["login"], { input: `${plane.url}/login?link=${link}\n` });
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
  rmSync(root, { recursive: true, force: true });
});

const simulate = async (files: Readonly<Record<string, string>>, ...options: string[]) => {
  put(files);
  return cli.run(["policy", "simulate", folder, "--json", ...options]);
};

describe("policy simulate", () => {
  it("finds that the set in force says again what was stored, byte for byte, and writes only who read what, and why", async () => {
    const before = await entries();
    const ran = await simulate({});
    expect(ran).toMatchObject({ exit: 0, stderr: "" });
    expect(ran.json).toMatchObject({
      actions: 3,
      replayed: 3,
      erased: 0,
      limited: false,
      counts: { allowed: 0, denied: 0, asked: 0, waiting: 0, "asked otherwise": 0 },
      reproduced: { same: 3, otherSet: 0, differing: [] },
    });
    expect(await entries()).toBe(before + 1);
    const { parts } = plane.running.control;
    const { rows } = await plane.database.owner.query<{ subject: string; kind: string; person: string }>(
      "select subject, kind, person from entry order by recorded_at desc limit 1",
    );
    expect(rows).toMatchObject([{ kind: "read", person: ana }]);
    const [note] = (await readSubject(parts.db, rows[0]?.subject ?? "", parts.wrap)).entries;
    expect(note?.payload).toMatchObject({ how: "policy simulate", range: { since: ran.json.since, most: 100_000 } });
    // Whoever asks who has read one of these receipts is told.
    const readers = await listReaders(plane.running.control, auditor, ids.read);
    expect(readers).toMatchObject([{ person: ana, how: "policy simulate" }]);
  });

  it("tells what would be newly denied, asked of people and allowed, with the actions", async () => {
    const denied = await simulate({ "policies/x.cedar": noReads + noHellos }, "--fail-on", "denied");
    expect(denied).toMatchObject({ exit: 1, json: { counts: { allowed: 0, denied: 2, asked: 0 } } });
    expect(denied.json.changes).toMatchObject([
      { change: "denied", action: ids.held, was: "require", is: "deny", policies: ["no-hellos"] },
      { change: "denied", action: ids.read, was: "allow", is: "deny", policies: ["no-reads"] },
    ]);
    expect(denied.json.by).toContainEqual({
      workflow: "docs-upkeep",
      tool: "files.read_text_file",
      change: "denied",
      count: 1,
    });
    const asked = await simulate({ "policies/x.cedar": readsAsk }, "--fail-on", "allowed,denied");
    expect(asked).toMatchObject({
      exit: 0,
      json: { counts: { asked: 1 }, changes: [{ action: ids.read, is: "require" }] },
    });
    const workflow = base["workflows/docs-upkeep.yaml"] ?? "";
    const wider = workflow
      .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
      .replace("block:\n  - files.move_file\n", "block:\n")
      .replace("allow:\n", "allow:\n  - files.move_file\n");
    const allowed = await simulate({ "workflows/docs-upkeep.yaml": wider }, "--fail-on", "any");
    expect(allowed).toMatchObject({ exit: 1, json: { counts: { allowed: 1 }, changes: [{ action: ids.refused }] } });
    const shown = await cli.run(["policy", "simulate", folder]);
    expect(shown.stdout).toContain(`newly allowed  ${ids.refused}  files.move_file  deny becomes allow`);
    expect(shown.stdout).toContain("the set in force says again what was stored: 3 of 3");
  });

  it("takes the newest where it is limited, and only a workflow where one is named", async () => {
    const one = await simulate({}, "--limit", "1");
    expect(one.json).toMatchObject({ replayed: 1, limited: true });
    expect((await simulate({}, "--workflow", "repo-survey")).json).toMatchObject({ replayed: 0 });
    expect(await simulate({}, "--fail-on", "nothing")).toMatchObject({ exit: 2 });
    expect(await simulate({ "policies/x.cedar": "forbid" })).toMatchObject({ exit: 2 });
  });

  it("is for people who may read what is private", async () => {
    const ask = async (who: string, workflow?: string) =>
      plane.call("POST", "/v1/policies/simulate", {
        key: who,
        body: { files: base, ...(workflow === undefined ? {} : { workflow }) },
      });
    expect((await ask(key)).status).toBe(403);
    expect((await ask(await plane.person(cy))).status).toBe(200);
  });

  it("counts what was erased as not replayable", async () => {
    const gone = (await submit("read_text_file", { path: page("pages/welcome.md") })).json.id;
    await plane.database.owner.query("delete from subject_key where subject = $1", [gone]);
    const ran = await simulate({ "policies/x.cedar": noReads });
    expect(ran.json).toMatchObject({ actions: 4, replayed: 3, erased: 1, counts: { denied: 1 } });
  });
});

describe("policy explain --request", () => {
  const explain = (request: object, ...options: string[]) =>
    cli.run(["policy", "explain", "--request", "-", ...options], { input: JSON.stringify(request) });
  const wanted = {
    agent: "scribe",
    tool: "files.write_file",
    args: { path: "x", content: "hello" },
    environment: "sandbox",
  };

  it("says what would be decided, by which policies, and what kept others from holding, as Cedar", async () => {
    const ran = await explain(wanted, "--json");
    expect(ran.json.decision).toMatchObject({
      effect: "require",
      requirements: [{ kind: "approval", from: "editors" }],
    });
    expect(ran.json.nearMiss).toContainEqual(
      expect.objectContaining({ policy: "stop", condition: "when { context.facts.stopped }" }),
    );
    const approved = await explain({ ...wanted, approvals: [bo] });
    expect(approved.stdout).toContain("allow: allowed by `docs-upkeep/ask/files.write_file`");
    const other = await explain({
      ...wanted,
      tool: "files.read_text_file",
      agent: "coder",
      tier: 0,
      workflow: "docs-upkeep",
    });
    expect(other.stdout).toContain(
      'permit docs-upkeep/allow/files.read_text_file: when { [Agent::"scribe"].contains(principal) }',
    );
  });

  it("asks files that are not in force, and says where a request is wrong", async () => {
    put({ "policies/x.cedar": noHellos });
    const draft = await explain(wanted, "--workspace", folder, "--json");
    expect(draft.json.decision).toMatchObject({ effect: "deny", determining: [{ id: "no-hellos" }] });
    const near = await explain({ ...wanted, args: { path: "x", content: "bye" } }, "--workspace", folder);
    expect(near.stdout).toContain('forbid no-hellos: when { context.args.content == "hello" }');
    const wrong = await explain({ ...wanted, tol: "x" });
    expect(wrong.exit).toBe(2);
    expect(wrong.stderr).toContain("tool");
    expect((await explain({ ...wanted, agent: "scrobe" })).stderr).toContain("did you mean `scribe`?");
    expect(await cli.run(["policy", "explain"])).toMatchObject({ exit: 2 });
  });
});

describe("policy who-can", () => {
  it("MT-30 says who can do what, where and why, as the engine then decides", async () => {
    const ran = await cli.run(["policy", "who-can", "files.write_file", "--json"]);
    const of = (agent: string, environment: string) =>
      ran.json.answers.find(
        (one: { agent: string; environment: string }) => one.agent === agent && one.environment === environment,
      );
    expect(of("scribe", "sandbox")).toMatchObject({ answer: "require", tier: 2, requirements: [{ from: "editors" }] });
    expect(of("scribe", "production")).toMatchObject({
      answer: "deny",
      policies: expect.arrayContaining(["tier-2-outside-production"]),
    });
    // It holds a key for the sandbox alone: what it may by the rules elsewhere it cannot do.
    expect(of("scribe", "sandbox")).not.toHaveProperty("keyless");
    expect(of("scribe", "production").keyless).toContain("holds no live key for `production`");
    const elsewhere = (await submit("read_text_file", { path: "/srv/elsewhere.md" })).json;
    expect(elsewhere).toMatchObject({ state: "refused", environment: "production" });
    expect(elsewhere.sentence).toContain("this credential is for environment `sandbox`");
    // An observed workflow that promises to write nothing does not let it pass, and what it lets pass is said.
    expect(of("coder", "sandbox")).toMatchObject({ answer: "deny" });
    expect(of("coder", "sandbox")).not.toHaveProperty("observed");
    const reads = await cli.run(["policy", "who-can", "files.search_files", "--agent", "coder", "--json"]);
    expect(reads.json.answers[0]).toMatchObject({ verb: "read", answer: "allow", observed: "deny" });
    const held = (await submit("write_file", { path: page("new.md"), content: "again" })).json;
    expect(held.state).toBe("held");
    const shown = await cli.run(["policy", "who-can", "files.write_file", "--agent", "scribe", "--can"]);
    expect(shown.stdout).toMatch(
      /scribe +2 +files.write_file +execute +sandbox +require +needs an approval from group `editors`/,
    );
    expect(shown.stdout).not.toContain("(production)");
    expect(await cli.run(["policy", "who-can", "files.nothing"])).toMatchObject({ exit: 5 });
  });
});

describe("history and rollback", () => {
  it("goes back to an earlier set with one command, two people, and the ledger tells of it", async () => {
    const first = (await plane.call("GET", "/v1/workspace", { key: await plane.person(ana) })).json;
    const second = await activate({ "policies/x.cedar": noReads });
    expect((await submit("read_text_file", { path: page("pages/welcome.md") })).json).toMatchObject({
      state: "refused",
      refusal: "policy",
    });
    const asked = await cli.run(["policy", "rollback", "--yes", "--json"]);
    expect(asked).toMatchObject({ exit: 0, json: { revision: first.revision, inForce: false } });
    // Until somebody else has signed, the newer set decides.
    expect((await submit("read_text_file", { path: page("pages/welcome.md") })).json.state).toBe("refused");
    const alone = await plane.call("POST", `/v1/proposals/${asked.json.proposal}/sign`, {
      key: await plane.person(ana),
      body: { digest: first.digest },
    });
    expect(alone.status).toBe(403);
    await sign(asked.json.proposal);
    expect((await submit("read_text_file", { path: page("pages/welcome.md") })).json.state).toBe("done");
    const { json } = await cli.run(["policy", "history", "--json"]);
    expect(json.activations.slice(0, 3)).toMatchObject([
      {
        revision: second + 1,
        sameAs: first.revision,
        digest: first.digest,
        by: ana,
        signedBy: bo,
        changed: ["policies/x.cedar"],
      },
      { revision: second, by: ana, signedBy: bo, changed: ["policies/x.cedar"] },
      { revision: first.revision },
    ]);
    const [latest] = json.activations;
    const receipt = (await plane.call("GET", latest.receipt, { key: await plane.person(ana) })).json;
    expect(JSON.stringify(receipt)).toContain(first.digest);
    expect((await cli.run(["policy", "history"])).stdout).toContain(`as revision ${first.revision}`);
    const named = await cli.run(["policy", "rollback", String(second), "--yes", "--json"]);
    expect(named.json).toMatchObject({ revision: second, inForce: false });
    expect(await cli.run(["policy", "rollback", "4711", "--yes"])).toMatchObject({ exit: 5 });
    expect(await cli.run(["policy", "rollback"])).toMatchObject({ exit: 2 });
    // Decided by a set that is not in force any more: said, and not compared.
    const ran = await simulate({});
    expect(ran.json.reproduced.otherSet).toBeGreaterThan(0);
    expect(ran.json.reproduced.differing).toEqual([]);
  });

  it("is decided by the new set on every replica with the next call after the notice", async () => {
    const other = await plane.replica();
    // A busy machine may take longer to read than a replica may go without: then it decides nothing, by neither set.
    const read = () =>
      until(async () => {
        const answer = await submit("read_text_file", { path: page("pages/welcome.md") }, other.url);
        return answer.json.code === "unavailable" ? undefined : answer;
      }, 60_000);
    expect((await read()).json).toMatchObject({ state: "done" });
    const told = (digest: (loaded: { readonly workspace: { readonly digest: string } | undefined }) => boolean) =>
      new Promise<void>((resolve) => other.control.keeper.onChange((loaded) => digest(loaded) && resolve()));
    const before = other.control.keeper.loaded().workspace?.digest;
    const changed = told(({ workspace }) => workspace?.digest !== before);
    await activate({ "policies/x.cedar": noReads });
    await changed;
    expect((await read()).json).toMatchObject({ state: "refused", refusal: "policy" });
    const back = told(({ workspace }) => workspace?.digest === before);
    const asked = await cli.run(["policy", "rollback", "--yes", "--json"]);
    await sign(asked.json.proposal);
    await back;
    expect((await read()).json).toMatchObject({ state: "done" });
  });
});
