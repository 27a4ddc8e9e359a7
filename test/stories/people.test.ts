import { afterAll, beforeAll, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

const dee = "dee@acme.example";
const eli = "eli@acme.example";
const docs = "workflows/docs-upkeep.yaml";

let plane: TestPlane;
beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        text
          .replace(
            "groups:\n  editors:",
            `  - { email: ${dee}, name: Dee, roles: [viewer], groups: [editors], manager: ${ana} }
  - { email: ${eli}, name: Eli, roles: [viewer] }

groups:
  lonely: {}
  empty: {}
  editors:`,
          )
          .replace("groups: [readers]\n", "groups: [readers, lonely]\n")
          .replace("  - name: coder\n    owner: bo@acme.example", `  - name: coder\n    owner: ${dee}`),
      [docs]: (text) => text.replace("deputy: bo@acme.example", `deputy: bo@acme.example\ndelegates: [${dee}, ${eli}]`),
    },
  });
});
afterAll(async () => plane?.close());

type Files = Record<string, string>;

/** The texts in force, changed. */
function files(change: Readonly<Record<string, (text: string) => string>>): Files {
  const now: Files = { ...plane.running.control.keeper.loaded().files };
  for (const [file, edit] of Object.entries(change)) {
    const text = now[file] ?? "";
    now[file] = edit(text);
    if (now[file] === text) throw new Error(`nothing changed in ${file}`);
  }
  return now;
}

const apply = async (person: string, change: Parameters<typeof files>[0]) =>
  plane.call("POST", "/v1/workspace/apply", { key: await plane.person(person), body: { files: files(change) } });

async function sign(person: string, proposal: string) {
  const key = await plane.person(person);
  const { proposals } = (await plane.call("GET", "/v1/proposals", { key })).json;
  const { digest } = proposals.find(({ id }: { id: string }) => id === proposal);
  return plane.call("POST", `/v1/proposals/${proposal}/sign`, { key, body: { digest } });
}

async function both(change: Parameters<typeof files>[0]): Promise<void> {
  const { json, status } = await apply(ana, change);
  expect(status, JSON.stringify(json)).toBe(202);
  expect((await sign(bo, json.proposal)).status).toBe(200);
}

async function session(email: string): Promise<{ cookie: string }> {
  const link = (await invite(plane.running.control, "countersign", email)).shownOnce.reveal();
  const raw = new URLSearchParams({ link }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const reply = await plane.call("POST", "/login", { raw, headers });
  return { cookie: (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
}

it("MT-187 a delegate does in one workflow what an admin does, and nothing elsewhere", async () => {
  const key = await plane.person(dee);
  const body = { environment: "sandbox" };
  expect((await plane.call("POST", "/v1/agents/scribe/keys", { key, body })).status).toBe(201);
  const elsewhere = await plane.call("POST", "/v1/agents/coder/keys", { key: await plane.person(eli), body });
  expect(elsewhere.status).toBe(403);
  const stopOwn = { scope: "workflow", name: "docs-upkeep", reason: "a look at it" };
  const stopped = await plane.call("POST", "/v1/stops", { key, body: stopOwn });
  expect(stopped.status).toBe(201);
  const other = await plane.call("POST", "/v1/stops", { key, body: { ...stopOwn, name: "repo-survey" } });
  expect(other.status).toBe(403);
  await plane.call("POST", `/v1/stops/${stopped.json.stop.id}/lift`, {
    key: await plane.person(bo),
    body: { reason: "done" },
  });
  for (const [method, path, sent] of [
    ["POST", "/v1/stops", { scope: "system", name: "files", reason: "no" }],
    ["PUT", "/v1/secrets", { name: "x", value: "y" }],
    ["POST", `/v1/people/${cy}/link`, {}],
    ["POST", `/v1/people/${cy}/end-logins`, { reason: "no" }],
    ["POST", "/v1/secrets/key/rotate", {}],
  ] as const)
    expect((await plane.call(method, path, { key, body: sent })).status, `${method} ${path}`).toBe(403);
});

it("MT-187 a delegate changes the file of their own workflow and no other; what is wider takes an operator or admin", async () => {
  const comment = (text: string) => `${text}# a remark\n`;
  const narrower = (text: string) => text.replace("perMinute: 60", "perMinute: 50");
  for (const change of [
    { "workflows/repo-survey.yaml": (text: string) => text.replace("perMinute: 30", "perMinute: 20") },
    {
      [docs]: narrower,
      "workflows/repo-survey.yaml": (text: string) => text.replace("perMinute: 30", "perMinute: 20"),
    },
    { [docs]: narrower, "countersign.yaml": comment },
    {
      "countersign.yaml": (text: string) =>
        text.replace("roles: [viewer], groups: [editors]", "roles: [admin], groups: [editors]"),
    },
  ]) {
    const refused = await apply(dee, change);
    expect([refused.status, refused.json.detail], Object.keys(change).join()).toEqual([
      403,
      "`apply` is for `admin`, the workflow's DRI and delegates",
    ]);
  }
  const stranger = await apply(cy, { [docs]: narrower });
  expect(stranger.status).toBe(403);
  const asked = await apply(dee, { [docs]: narrower });
  expect(asked.status).toBe(202);
  expect((await sign(dee, asked.json.proposal)).status).toBe(403);
  expect((await sign(eli, asked.json.proposal)).status).toBe(200);
  const wider = await apply(dee, { [docs]: (text) => text.replace("perMinute: 50", "perMinute: 90") });
  expect(wider.status).toBe(202);
  const bySame = await sign(eli, wider.json.proposal);
  expect(bySame.status).toBe(403);
  expect((await sign(bo, wider.json.proposal)).status).toBe(200);
  const takesOver = await apply(dee, { [docs]: (text) => text.replace(`[${dee}, ${eli}]`, `[${dee}]`) });
  expect((await sign(eli, takesOver.json.proposal)).status).toBe(403);
  const taken = await plane.call("POST", `/v1/proposals/${takesOver.json.proposal}/withdraw`, {
    key: await plane.person(dee),
    body: { reason: "a test" },
  });
  expect(taken.status).toBe(200);
});

it("MT-29 gaps are listed: who is alone, who is missing, who owns nothing", async () => {
  const key = await plane.person(cy);
  const { gaps } = (await plane.call("GET", "/v1/gaps", { key })).json;
  const of = (kind: string, name: string) =>
    gaps
      .filter((gap: { kind: string; name: string }) => gap.kind === kind && gap.name === name)
      .map(({ sentence }: { sentence: string }) => sentence);
  expect(of("group", "lonely")).toEqual(["only one person is in it"]);
  expect(of("group", "empty")).toEqual(["nobody is in it"]);
  expect(of("workflow", "repo-survey")).toEqual(["it has no deputy"]);
  expect(of("workflow", "docs-upkeep")).toEqual([]);
  expect(of("person", bo)).toEqual([
    "they are asked for approvals, and have no passkey",
    "it is not said who manages them",
  ]);
  expect(of("person", eli)).toEqual(["it is not said who manages them"]);
  expect(of("server", "files")).toEqual(["nobody owns it: who answers for its targets is not said"]);
  const groups = (await plane.call("GET", "/v1/groups", { key })).json.groups;
  expect(groups.find(({ name }: { name: string }) => name === "lonely")).toMatchObject({
    members: [cy],
    gaps: ["only one person is in it"],
  });
  const people = (await plane.call("GET", "/v1/people", { key })).json.people;
  expect(people.find(({ email }: { email: string }) => email === dee)).toMatchObject({
    manager: ana,
    passkeys: 0,
    newcomer: false,
  });
});

it("MT-29 a person who is disabled is out at once everywhere, and their agents are frozen and listed with the reason", async () => {
  const { cookie } = await session(dee);
  const token = await plane.person(dee);
  const admin = await plane.person(ana);
  const coder = await plane.agent("coder");
  const lent = await plane.call("POST", "/v1/agents/scribe/keys", {
    key: token,
    body: { environment: "staging", onBehalfOf: dee },
  });
  const other = await plane.replica();
  const mine = async (key: string, url = plane.url) => (await plane.call("GET", "/v1/me", { key, url })).status;
  expect([await mine(token), await mine(coder), await mine(lent.json.key)]).toEqual([200, 200, 200]);
  await plane.database.owner.query(
    `insert into passkey (id, credential, person, name, public_key, jwk, counter, transports, backed_up, vouched_by, created_at)
     values ('psk_x', 'x', $1, 'phone', '', '{}', 0, '[]', false, '[]', now())`,
    [dee],
  );
  await both({ "countersign.yaml": (text) => text.replace(`email: ${dee},`, `email: ${dee}, disabled: true,`) });
  expect((await plane.call("GET", "/v1/me", { headers: { cookie } })).status).toBe(401);
  expect([await mine(token), await mine(lent.json.key)]).toEqual([401, 401]);
  await until(async () => ((await mine(token, other.url)) === 401 ? true : undefined));
  const frozen = await plane.call("GET", "/v1/me", { key: coder });
  expect([frozen.status, frozen.json.detail]).toEqual([
    403,
    `agent \`coder\` is frozen: its owner \`${dee}\` is disabled`,
  ]);
  const agents = (await plane.call("GET", "/v1/agents", { key: admin })).json.agents;
  expect(agents.find(({ name }: { name: string }) => name === "coder")).toMatchObject({
    frozen: frozen.json.detail,
    gaps: [frozen.json.detail],
  });
  const people = (await plane.call("GET", "/v1/people", { key: admin })).json.people;
  expect(people.find(({ email }: { email: string }) => email === dee)).toMatchObject({ disabled: true, passkeys: 0 });
  const { rows } = await plane.database.owner.query<{ subject: string }>(
    "select subject from entry where kind = 'applied' order by at desc limit 1",
  );
  const deed = await plane.call("GET", `/v1/receipts/${rows[0]?.subject}`, { key: admin });
  expect(deed.json.payload.left).toEqual([{ person: dee, freezes: ["coder"] }]);
  expect((await plane.call("POST", `/v1/people/${dee}/link`, { key: admin, body: {} })).status).toBe(404);
  // Whoever comes back begins anew: nothing that was ended opens again.
  await both({ "countersign.yaml": (text) => text.replace(`email: ${dee}, disabled: true,`, `email: ${dee},`) });
  expect([await mine(token), await mine(lent.json.key), await mine(coder)]).toEqual([401, 401, 200]);
  expect((await plane.call("GET", "/v1/me", { headers: { cookie } })).status).toBe(401);
});

it("MT-29 a person who is deleted leaves their agents frozen until somebody takes them over", async () => {
  const coder = await plane.agent("coder", "staging");
  const line = `  - { email: ${dee}, name: Dee, roles: [viewer], groups: [editors], manager: ${ana} }\n`;
  await both({
    "countersign.yaml": (text) => text.replace(line, ""),
    [docs]: (text) => text.replace(`[${dee}, ${eli}]`, `[${eli}]`),
  });
  const gone = await plane.call("GET", "/v1/me", { key: coder });
  expect(gone.json.detail).toBe(`agent \`coder\` is frozen: its owner \`${dee}\` is no longer in the workspace`);
  await both({ "countersign.yaml": (text) => text.replace(`owner: ${dee}`, `owner: ${bo}`) });
  expect((await plane.call("GET", "/v1/me", { key: coder })).status).toBe(200);
});

it("a person is logged out everywhere, by an operator or by themself, and it stands in the ledger", async () => {
  const { cookie } = await session(eli);
  const second = await session(eli);
  const key = await plane.person(bo);
  const denied = await plane.call("POST", `/v1/people/${bo}/end-logins`, {
    key: await plane.person(cy),
    body: { reason: "no" },
  });
  expect(denied.status).toBe(403);
  const { json } = await plane.call("POST", `/v1/people/${eli}/end-logins`, {
    key,
    body: { reason: "a laptop was stolen" },
  });
  expect(json).toMatchObject({ sessions: 2, credentials: 1 });
  for (const one of [cookie, second.cookie])
    expect((await plane.call("GET", "/v1/me", { headers: { cookie: one } })).status).toBe(401);
  expect((await plane.call("GET", json.receipt, { key })).text).toContain("a laptop was stolen");
});

it("MT-200 the database holds each workflow to exactly one DRI, with deputy and cover apart", async () => {
  const { owner } = plane.database;
  const { rows } = await owner.query("select workflow, dri, deputy from workflow_dri order by workflow");
  expect(rows).toEqual([
    { workflow: "docs-upkeep", dri: ana, deputy: bo },
    { workflow: "repo-survey", dri: ana, deputy: null },
  ]);
  for (const [text, why] of [
    [`insert into workflow_dri (workflow, dri) values ('docs-upkeep', '${bo}')`, "a second DRI"],
    ["insert into workflow_dri (workflow, dri) values ('another', null)", "no DRI"],
    ["insert into workflow_dri (workflow, dri) values ('another', '')", "an empty DRI"],
    ["update workflow_dri set dri = null where workflow = 'docs-upkeep'", "a DRI taken away"],
    [`update workflow_dri set deputy = '${ana}' where workflow = 'docs-upkeep'`, "a deputy who is the DRI"],
    [`insert into workflow_cover values ('another', '${bo}', '2026-12-01', '2026-12-02')`, "a cover of no workflow"],
    [
      `insert into workflow_cover values ('docs-upkeep', '${bo}', '2026-12-02', '2026-12-01')`,
      "a cover that ends first",
    ],
  ] as const)
    await expect(owner.query(text), why).rejects.toThrow();
  const cover = "cover: [{ person: bo@acme.example, from: 2027-01-01, to: 2027-01-10 }]";
  await both({ [docs]: (text) => text.replace("tier: 2", `${cover}\ntier: 2`) });
  const covers = await owner.query("select workflow, person, starts_on::text, ends_on::text from workflow_cover");
  expect(covers.rows).toEqual([
    { workflow: "docs-upkeep", person: bo, starts_on: "2027-01-01", ends_on: "2027-01-10" },
  ]);
  const two = await apply(ana, {
    [docs]: (text) => text.replace("dri: ana@acme.example", "dri: [ana@acme.example, bo@acme.example]"),
  });
  expect(two.status).toBe(400);
});
