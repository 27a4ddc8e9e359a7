import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { openTestCli } from "../support/cli.ts";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let asAna: string;
let asBo: string;
beforeAll(async () => {
  plane = await openTestPlane();
  [asAna, asBo] = [await plane.person(ana), await plane.person(bo)];
});
afterAll(async () => plane?.close());

type Files = Record<string, string>;
const survey = "workflows/repo-survey.yaml";
let perMinute = 30;

/** What is in force, with another number in it than ever before. */
async function changed(on: TestPlane = plane, edit: (files: Files) => Files = (files) => files): Promise<Files> {
  const { files } = on.running.control.keeper.loaded();
  const text = (files[survey] ?? "").replace(/perMinute: \d+/, `perMinute: ${++perMinute}`);
  return edit({ ...files, [survey]: text });
}

async function propose(files: Files, key = asAna): Promise<{ id: string; digest: string }> {
  const { status, json } = await plane.call("POST", "/v1/workspace/apply", { key, body: { files } });
  expect([status, json.inForce]).toEqual([202, false]);
  return { id: json.proposal, digest: json.plan.to };
}

const sign = (key: string, { id, digest }: { id: string; digest: string }, url = plane.url) =>
  plane.call("POST", `/v1/proposals/${id}/sign`, { key, body: { digest }, url });
const inForce = async (): Promise<string> => (await plane.call("GET", "/v1/workspace", { key: asAna })).json.digest;

/** A command line's credential that began with a link which the holder of `key` made. */
async function letIn(key: string, email: string): Promise<string> {
  const made = await plane.call("POST", `/v1/people/${email}/link`, { key, body: {} });
  expect(made.status).toBe(201);
  const link = new URL(made.json.url).searchParams.get("link") ?? "";
  return (await plane.call("POST", "/v1/login/cli", { body: { link, note: "a test" } })).json.key;
}

const form = (members: Record<string, string>, cookie = "") => ({
  raw: new URLSearchParams(members).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded", cookie },
});

/** A browser's session of the server's own link. */
async function session(email: string): Promise<{ cookie: string; csrf: string }> {
  const link = (await invite(plane.running.control, "countersign", email)).shownOnce.reveal();
  const reply = await plane.call("POST", "/login", form({ link }));
  const cookie = (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const me = await plane.call("GET", "/v1/me", { headers: { cookie } });
  return { cookie, csrf: me.json.csrf };
}

describe("a workspace that one person applies", () => {
  it("waits for another person, who is shown the very lines and signs their digest; both stand in the ledger", async () => {
    const before = await inForce();
    const proposal = await propose(await changed());
    expect(await inForce()).toBe(before);
    const line = (await plane.call("GET", "/v1/proposals", { key: asBo })).json.proposals.at(-1);
    expect(line).toMatchObject({
      id: proposal.id,
      by: ana,
      before,
      digest: proposal.digest,
      yours: true,
      vouchedBy: [],
    });
    const days = (Date.parse(line.expiresAt) - Date.parse(line.at)) / 86_400_000;
    expect(days).toBeCloseTo(7, 3);
    const shown = await plane.call("GET", `/v1/proposals/${proposal.id}`, { key: asBo });
    expect(shown.json.files).toEqual([
      {
        file: survey,
        lines: expect.arrayContaining([expect.stringMatching(/^- {3}calls/), expect.stringMatching(/^\+ {3}calls/)]),
      },
    ]);
    const signed = await sign(asBo, proposal);
    expect(signed).toMatchObject({ status: 200, json: { inForce: true } });
    expect(await inForce()).toBe(proposal.digest);
    const asked = await plane.call("GET", `/v1/receipts/${proposal.id}`, { key: asAna });
    expect(asked.json).toMatchObject({ kind: "proposed", person: ana, payload: { deed: "proposed", before } });
    const entry = await plane.call("GET", signed.json.receipt, { key: asAna });
    expect(entry.json).toMatchObject({
      kind: "applied",
      person: bo,
      payload: { digest: proposal.digest, before, proposal: proposal.id, signed: [ana, bo], single: false },
    });
    const key = await plane.agent("coder");
    const path = join(plane.folder, "sandbox/pages/welcome.md");
    const action = { server: "files", tool: "read_text_file", arguments: { path } };
    const { json: done } = await plane.call("POST", "/v1/actions", { key, body: action });
    const receipt = await plane.call("GET", `/v1/receipts/${done.id}`, { key: asAna });
    expect(receipt.json.policy.inForce).toMatchObject({
      by: ana,
      signedBy: bo,
      single: false,
      receipt: signed.json.receipt,
    });
  });

  it("is not signed by who proposed it, in whatever session, nor by who may not", async () => {
    const proposal = await propose(await changed());
    expect(await sign(asAna, proposal)).toMatchObject({ status: 403 });
    const other = await session(ana);
    const body = { digest: proposal.digest };
    const headers = { cookie: other.cookie, "x-countersign-csrf": other.csrf };
    const again = await plane.call("POST", `/v1/proposals/${proposal.id}/sign`, { headers, body });
    expect(again).toMatchObject({ status: 403 });
    expect(again.json.detail).toContain("belongs to another person");
    expect(await sign(await plane.person(cy), proposal)).toMatchObject({ status: 403 });
    expect(await sign(await plane.agent("scribe"), proposal)).toMatchObject({ status: 403 });
    expect(await inForce()).not.toBe(proposal.digest);
  });

  it("is signed by its digest only", async () => {
    const proposal = await propose(await changed());
    const wrong = { ...proposal, digest: `sha256:${"0".repeat(64)}` };
    expect(await sign(asBo, wrong)).toMatchObject({ status: 409 });
    const older = await plane.call("POST", `/v1/proposals/${proposal.id}/sign`, { key: asBo, body: {} });
    expect(older.status).toBe(400);
    expect(await inForce()).not.toBe(proposal.digest);
  });

  it("is signed once, also where two replicas are asked at the same time", async () => {
    const other = await plane.replica();
    const proposal = await propose(await changed());
    const both = await Promise.all([sign(asBo, proposal), sign(asBo, proposal, other.url), sign(asBo, proposal)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    const later = await propose(await changed());
    expect(await sign(asBo, later)).toMatchObject({ status: 200 });
    for (const url of [plane.url, other.url]) {
      const replayed = await sign(asBo, proposal, url);
      expect(replayed).toMatchObject({ status: 409 });
      expect(replayed.json.detail).toContain("signed already");
    }
    expect(await inForce()).toBe(later.digest);
    await other.close();
  });

  it("is void once something else was put in force, also where that is gone again", async () => {
    const { files } = plane.running.control.keeper.loaded();
    const waiting = await propose(await changed());
    const other = await propose(await changed());
    await sign(asBo, other);
    expect(await sign(asBo, waiting)).toMatchObject({ status: 409 });
    await sign(asBo, await propose({ ...files }));
    const late = await sign(asBo, waiting);
    expect(late).toMatchObject({ status: 409 });
    expect(late.json.detail).toContain("void");
    expect(await inForce()).not.toBe(waiting.digest);
  });

  it("does not wait any more once it was withdrawn, turned down, or seven days have passed", async () => {
    const withdraw = (key: string, id: string) =>
      plane.call("POST", `/v1/proposals/${id}/withdraw`, { key, body: { reason: "not now" } });
    const mine = await propose(await changed());
    expect(await withdraw(await plane.person(cy), mine.id)).toMatchObject({ status: 403 });
    const taken = await withdraw(asAna, mine.id);
    expect((await plane.call("GET", taken.json.receipt, { key: asAna })).json.payload).toMatchObject({
      deed: "withdrawn",
      proposal: mine.id,
    });
    expect(await sign(asBo, mine)).toMatchObject({ status: 409 });
    const other = await propose(await changed());
    const turned = await withdraw(asBo, other.id);
    expect((await plane.call("GET", turned.json.receipt, { key: asAna })).json.payload.deed).toBe("turned down");
    expect(await sign(asBo, other)).toMatchObject({ status: 409 });
    const old = await propose(await changed());
    await plane.database.owner.query("update workspace_proposal set expires_at = clock_timestamp() where id = $1", [
      old.id,
    ]);
    const late = await sign(asBo, old);
    expect(late.json.detail).toContain("in time");
    const { json } = await plane.call("GET", "/v1/proposals", { key: asBo });
    const ids = json.proposals.map((one: { id: string }) => one.id);
    for (const { id } of [mine, other, old]) expect(ids).not.toContain(id);
  });

  it("is one proposal however often its files are sent, and none where they are in force", async () => {
    const files = await changed();
    const one = await propose(files);
    expect(await propose(files)).toEqual(one);
    expect((await propose(files, asBo)).id).not.toBe(one.id);
    await sign(asBo, one);
    const again = await plane.call("POST", "/v1/workspace/apply", { key: asAna, body: { files } });
    expect(again).toMatchObject({ status: 409 });
  });

  it("needs the second person all the same where it takes everybody else out", async () => {
    const alone = (files: Files): Files => ({ ...onlyAna(files) });
    const proposal = await propose(await changed(plane, alone));
    expect(await sign(asAna, proposal)).toMatchObject({ status: 403 });
    expect((await plane.call("GET", "/v1/me", { key: asBo })).status).toBe(200);
    const nobody = await changed(plane, (files) => ({
      ...files,
      "countersign.yaml": (files["countersign.yaml"] ?? "").replace(
        "roles: [admin, operator, approver]",
        "roles: [approver]",
      ),
    }));
    const refused = await plane.call("POST", "/v1/workspace/apply", { key: asAna, body: { files: nobody } });
    expect(refused).toMatchObject({ status: 400 });
    expect(refused.json.faults[0].message).toContain("nobody could be the second");
  });

  it("has a page that shows the lines and signs nothing, with a form that signs exactly them", async () => {
    const proposal = await propose(await changed());
    const path = `/proposals/${proposal.id}`;
    const [own, second] = [await session(ana), await session(bo)];
    const home = await plane.call("GET", "/plain", { headers: { cookie: second.cookie } });
    expect(home.text).toContain(`href="${path}"`);
    const page = await plane.call("GET", path, { headers: { cookie: second.cookie } });
    expect(page.text).toContain(`name="digest" value="${proposal.digest}"`);
    expect(page.text).toContain(`+   calls: { perMinute: ${perMinute}`);
    expect(page.text).not.toContain("<script");
    const mine = await plane.call("GET", path, { headers: { cookie: own.cookie } });
    expect(mine.text).not.toContain("Sign exactly this");
    const said = { verdict: "sign", digest: proposal.digest, reason: "" };
    expect((await plane.call("POST", path, form(said, second.cookie))).status).toBe(403);
    expect((await plane.call("POST", path, form({ ...said, csrf: own.csrf }, own.cookie))).status).toBe(403);
    expect(await inForce()).not.toBe(proposal.digest);
    expect((await plane.call("POST", path, form({ ...said, csrf: second.csrf }, second.cookie))).status).toBe(200);
    expect(await inForce()).toBe(proposal.digest);
    const other = await propose(await changed());
    const back = { ...said, verdict: "withdraw", digest: other.digest, reason: "a slip", csrf: own.csrf };
    expect((await plane.call("POST", `/proposals/${other.id}`, form(back, own.cookie))).status).toBe(200);
    expect(await sign(asBo, other)).toMatchObject({ status: 409 });
  });
});

/** The same organisation with nobody but Ana in it. */
function onlyAna(files: Files): Files {
  const text = (files["countersign.yaml"] ?? "")
    .replace(/ {2}- email: bo@[\s\S]*?(?=\ngroups:)/, "")
    .replace("roles: [dri, admin, approver]", "roles: [dri, admin, operator, approver]")
    .replace("people:", "singlePerson: true\npeople:")
    .replaceAll(bo, ana);
  const workflow = (name: string) => (files[name] ?? "").replace(/^deputy: .*\n/m, "").replaceAll(bo, ana);
  return {
    ...files,
    "countersign.yaml": text,
    "workflows/docs-upkeep.yaml": workflow("workflows/docs-upkeep.yaml"),
    [survey]: workflow(survey),
  };
}

describe("an organisation of one person", () => {
  let one: TestPlane;
  let key: string;
  let several: Files;
  beforeAll(async () => {
    several = { ...plane.running.control.keeper.loaded().files };
    const edited = onlyAna(several);
    const names = ["countersign.yaml", "workflows/docs-upkeep.yaml", survey];
    one = await openTestPlane({ edit: Object.fromEntries(names.map((name) => [name, () => edited[name] ?? ""])) });
    key = await one.person(ana);
  });
  afterAll(async () => one?.close());

  it("applies alone; the ledger and every receipt say so", async () => {
    const files = await changed(one);
    const applied = await one.call("POST", "/v1/workspace/apply", { key, body: { files } });
    expect(applied).toMatchObject({ status: 200, json: { inForce: true } });
    const entry = await one.call("GET", applied.json.receipt, { key });
    expect(entry.json).toMatchObject({ kind: "applied", payload: { single: true, signed: [ana] } });
    expect((await one.call("GET", "/v1/workspace", { key })).json).toMatchObject({ single: true, signedBy: null });
    const path = join(one.folder, "sandbox/pages/welcome.md");
    const body = { server: "files", tool: "read_text_file", arguments: { path } };
    const done = await one.call("POST", "/v1/actions", { key: await one.agent("scribe"), body });
    const receipt = await one.call("GET", `/v1/receipts/${done.json.id}`, { key });
    expect(receipt.json.policy.inForce).toMatchObject({ by: ana, signedBy: null, single: true });
    const page = await one.call("GET", `/receipts/${done.json.id}.html`, { key });
    expect(page.text).toContain("alone: an organisation of one person");
  });

  it("grows by its own hand, and from then on nothing takes one person any more", async () => {
    const grown = await one.call("POST", "/v1/workspace/apply", { key, body: { files: several } });
    expect(grown).toMatchObject({ status: 200, json: { inForce: true } });
    expect((await one.call("GET", grown.json.receipt, { key })).json.payload.single).toBe(true);
    const back = { ...several, ...onlyAna(several) };
    const asked = await one.call("POST", "/v1/workspace/apply", { key, body: { files: back } });
    expect(asked).toMatchObject({ status: 202, json: { inForce: false } });
    const body = { digest: asked.json.plan.to };
    const path = `/v1/proposals/${asked.json.proposal}/sign`;
    expect(await one.call("POST", path, { key, body })).toMatchObject({ status: 403 });
    const second = await one.person(bo);
    expect(await one.call("POST", path, { key: second, body })).toMatchObject({ status: 200 });
    expect((await one.call("GET", "/v1/workspace", { key })).json).toMatchObject({ single: false, signedBy: bo });
    expect(await one.call("GET", "/v1/me", { key: second })).toMatchObject({ status: 401 });
  });
});

describe("a login that an admin let in", () => {
  let vouched: string;
  beforeAll(async () => {
    vouched = await letIn(asAna, bo);
  });

  it("says who let it in, in a browser too, and keeps it over every link that it makes", async () => {
    const me = async (key: string) => (await plane.call("GET", "/v1/me", { key })).json;
    expect(await me(vouched)).toMatchObject({ email: bo, vouchedBy: [ana] });
    expect(await me(asBo)).toMatchObject({ email: bo, vouchedBy: [] });
    expect(await me(await letIn(vouched, bo))).toMatchObject({ email: bo, vouchedBy: [ana] });
    expect(await me(await letIn(vouched, cy))).toMatchObject({ email: cy, vouchedBy: [ana, bo] });
    expect(await me(await letIn(vouched, ana))).toMatchObject({ email: ana, vouchedBy: [bo] });
    const made = await plane.call("POST", `/v1/people/${bo}/link`, { key: asAna, body: {} });
    const link = new URL(made.json.url).searchParams.get("link") ?? "";
    const reply = await plane.call("POST", "/login", form({ link }));
    const cookie = (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const json = (await plane.call("GET", "/v1/me", { headers: { cookie } })).json;
    expect(json).toMatchObject({ email: bo, method: "link", vouchedBy: [ana] });
  });

  it("is not a second person to that admin: no signature, no lift, no waiver, from neither side", async () => {
    const mine = await propose(await changed());
    const refused = await sign(vouched, mine);
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.json.detail).toContain(`\`${ana}\` made the link`);
    const theirs = await propose(await changed(), vouched);
    expect(await sign(asAna, theirs)).toMatchObject({ status: 403 });
    const line = (await plane.call("GET", "/v1/proposals", { key: asAna })).json.proposals.at(-1);
    expect(line).toMatchObject({ id: theirs.id, vouchedBy: [ana], yours: false });

    const stop = async (key: string) => {
      const body = { scope: "agent", name: "coder", reason: "a test" };
      return (await plane.call("POST", "/v1/stops", { key, body })).json.stop.id as string;
    };
    const lift = (key: string, id: string) =>
      plane.call("POST", `/v1/stops/${id}/lift`, { key, body: { reason: "over" } });
    const [one, two] = [await stop(asAna), await stop(vouched)];
    expect(await lift(vouched, one)).toMatchObject({ status: 403 });
    expect(await lift(asAna, two)).toMatchObject({ status: 403 });
    expect(await lift(asBo, two)).toMatchObject({ status: 403 });
    expect(await lift(asBo, one)).toMatchObject({ status: 200 });
    const third = await letIn(asBo, ana);
    expect(await lift(third, two)).toMatchObject({ status: 403 });
    await plane.database.owner.query("update stop set lifted_at = clock_timestamp() where id = $1", [two]);

    const waive = async (key: string) => {
      const body = { agent: "scribe", workflow: "docs-upkeep", tier: 1, days: 1, reason: "a test" };
      return (await plane.call("POST", "/v1/waivers", { key, body })).json.id as string;
    };
    const signWaiver = (key: string, id: string) => plane.call("POST", `/v1/waivers/${id}/sign`, { key, body: {} });
    expect(await signWaiver(vouched, await waive(asAna))).toMatchObject({ status: 403 });
    expect(await signWaiver(asAna, await waive(vouched))).toMatchObject({ status: 403 });
    expect(await signWaiver(asBo, await waive(asAna))).toMatchObject({ status: 200 });
  });

  it("and one that the same admin let in for somebody else are one person, too", async () => {
    const sister = await openTestPlane({
      edit: { "countersign.yaml": (text) => text.replace("roles: [auditor, viewer]", "roles: [admin, operator]") },
    });
    const key = await sister.person(ana);
    const through = async (email: string) => {
      const made = await sister.call("POST", `/v1/people/${email}/link`, { key, body: {} });
      const link = new URL(made.json.url).searchParams.get("link") ?? "";
      return (await sister.call("POST", "/v1/login/cli", { body: { link, note: "a test" } })).json.key as string;
    };
    const [boToo, cyToo] = [await through(bo), await through(cy)];
    const files = await changed(sister);
    const asked = await sister.call("POST", "/v1/workspace/apply", { key: boToo, body: { files } });
    const path = `/v1/proposals/${asked.json.proposal}/sign`;
    const body = { digest: asked.json.plan.to };
    const refused = await sister.call("POST", path, { key: cyToo, body });
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.json.detail).toContain(`\`${ana}\` made the links`);
    const own = await sister.person(cy);
    expect(await sister.call("POST", path, { key: own, body })).toMatchObject({ status: 200 });
    await sister.close();
  });

  it("answers what is asked, and counts as one with that admin in a quorum and in whose own request it is", async () => {
    const two = await openTestPlane({
      edit: {
        "workflows/docs-upkeep.yaml": (text) => text.replace("count: 1\n", "count: 2\n"),
        "countersign.yaml": (text) =>
          text.replace("roles: [auditor, viewer]\n    groups: [readers]", "roles: [approver]\n    groups: [editors]"),
      },
    });
    await two.grantTier("scribe", "docs-upkeep", 2);
    const [anas, agent] = [await two.person(ana), await two.agent("scribe")];
    const made = await two.call("POST", `/v1/people/${bo}/link`, { key: anas, body: {} });
    const link = new URL(made.json.url).searchParams.get("link") ?? "";
    const bos = (await two.call("POST", "/v1/login/cli", { body: { link, note: "a test" } })).json.key as string;
    const approve = async (id: string, key: string) => {
      const { json } = await two.call("GET", `/v1/approvals/${id}`, { key });
      const { callDigest, shownDigest } = json;
      const body = { verdict: "approve", callDigest, shownDigest, reason: "fine" };
      return two.call("POST", `/v1/approvals/${id}/answer`, { key, body });
    };
    const path = join(two.folder, "sandbox/pages/quorum.md");
    writeFileSync(path, "before");
    const body = { server: "files", tool: "write_file", arguments: { path, content: "after" } };
    const { json: held } = await two.call("POST", "/v1/actions", { key: agent, body });
    expect(await approve(held.id, anas)).toMatchObject({ status: 200 });
    expect(await approve(held.id, bos)).toMatchObject({ status: 200 });
    const waiting = async () => (await two.call("GET", `/v1/actions/${held.id}?waitMs=1000`, { key: agent })).json;
    await expect.poll(async () => (await waiting()).requirements[0].sentence).toContain("(1 given)");
    expect(await waiting()).toMatchObject({ state: "held" });
    expect(await approve(held.id, await two.person(cy))).toMatchObject({ status: 200 });
    const done = await two.call("GET", `/v1/actions/${held.id}?waitMs=10000`, { key: agent });
    expect(done.json.state).toBe("done");
    const receipt = await two.call("GET", `/v1/receipts/${held.id}`, { key: anas });
    expect(receipt.json.approvals.sentence).toContain(`${bo} approved it as a member of \`editors\`, let in by ${ana}`);

    const undo = async (key: string) =>
      (await two.call("POST", `/v1/actions/${held.id}/reverse`, { key, body: { reason: "back" } })).json.id as string;
    const asked = await undo(anas);
    expect(await approve(asked, anas)).toMatchObject({ status: 403 });
    const refused = await approve(asked, bos);
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.json.detail).toContain("the requester may not answer this");
    await two.call("POST", `/v1/actions/${asked}/cancel`, { key: anas, body: { reason: "the other way round" } });
    const again = await undo(bos);
    expect(await approve(again, anas)).toMatchObject({ status: 403 });
    await two.close();
  });
});

describe("a link for oneself", () => {
  it("is anyone's to make from the command line, adds nobody, and ends with the credential that made it", async () => {
    const parent = await plane.call("POST", "/v1/login/cli", {
      body: { link: (await invite(plane.running.control, "countersign", cy)).shownOnce.reveal(), note: "laptop" },
    });
    const child = await letIn(parent.json.key, cy);
    const grandchild = await letIn(child, cy);
    const works = async (key: string) => (await plane.call("GET", "/v1/me", { key })).status;
    expect((await plane.call("GET", "/v1/me", { key: grandchild })).json).toMatchObject({ email: cy, vouchedBy: [] });
    expect((await plane.call("POST", `/v1/people/${bo}/link`, { key: parent.json.key, body: {} })).status).toBe(403);
    const { json } = await plane.call("GET", `/v1/credentials?subject=${cy}`, { key: asAna });
    const [last, , first] = json.credentials as { id: string; expiresAtMs: number }[];
    expect(last?.expiresAtMs).toBe(first?.expiresAtMs);
    const pending = await plane.call("POST", `/v1/people/${cy}/link`, { key: parent.json.key, body: {} });
    const link = new URL(pending.json.url).searchParams.get("link") ?? "";
    const late = await plane.call("POST", "/login", form({ link }));
    const cookie = (late.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect((await plane.call("GET", "/v1/me", { headers: { cookie } })).status).toBe(200);
    const revoke = `/v1/credentials/${first?.id}/revoke`;
    expect((await plane.call("POST", revoke, { key: asAna, body: { because: "stolen" } })).status).toBe(200);
    expect([await works(parent.json.key), await works(child), await works(grandchild)]).toEqual([401, 401, 401]);
    expect((await plane.call("GET", "/v1/me", { headers: { cookie } })).status).toBe(401);
  });

  it("is not made by a browser's session: what is stolen there ends within the day", async () => {
    const { cookie, csrf } = await session(bo);
    const headers = { cookie, "x-countersign-csrf": csrf };
    const refused = await plane.call("POST", `/v1/people/${bo}/link`, { headers, body: {} });
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.json.detail).toContain("command line");
  });
});

describe("the door on the server's own machine", () => {
  it("makes links that nobody vouches for, for whoever holds the data folder and nobody else", async () => {
    const data = join(plane.folder, "../data");
    expect(statSync(join(data, "local")).mode & 0o077).toBe(0);
    expect(statSync(join(data, "local/door.sock")).mode & 0o077).toBe(0);
    const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_DATA: data });
    const made = await cli.run(["person", "invite", bo, "--local"]);
    expect(made).toMatchObject({ exit: 0 });
    expect(await cli.run(["login"], { input: made.stdout })).toMatchObject({ exit: 0 });
    expect((await cli.run(["whoami", "--json"])).json).toMatchObject({ email: bo, vouchedBy: [] });
    expect(await cli.run(["person", "invite", "eve@evil.example", "--local"])).toMatchObject({ exit: 5 });
    const elsewhere = { env: { COUNTERSIGN_DATA: join(data, "nowhere") } };
    expect(await cli.run(["person", "invite", bo, "--local"], elsewhere)).toMatchObject({ exit: 75 });
    const own = await cli.run(["person", "invite", ana, "--json"]);
    const other = openTestCli({ COUNTERSIGN_URL: plane.url });
    await other.run(["login"], { input: own.json.url });
    expect((await other.run(["whoami"])).stdout).toContain(`let in by ${bo}`);
    for (const one of [cli, other]) one.close();
  });
});
