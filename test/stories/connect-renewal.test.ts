import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLog } from "../../packages/countersign/src/floor/log.ts";
import type { Running } from "../../packages/countersign/src/serve.ts";
import { type ConnectedPlane, openConnectedPlane } from "../support/connected-plane.ts";
import { clientId } from "../support/identity-provider.ts";
import { ana, until } from "../support/plane.ts";

let world: ConnectedPlane;
let other: Running;
let key: string;
let logged = "";
beforeAll(async () => {
  const lines = new PassThrough();
  lines.on("data", (chunk: Buffer) => {
    logged += chunk.toString("utf8");
  });
  // Shorter than what is renewed early: every call renews.
  world = await openConnectedPlane({ for: "person", accessSeconds: 30, log: createLog("warn", lines) });
  other = await world.plane.replica();
  await world.connect(ana, "ana-at-tickets");
  await world.review();
  key = await world.keyFor(ana);
  // The other replica has heard of the review.
  await until(async () => ((await world.call(key, "whoami", {}, other.url)).json.state === "done" ? true : undefined));
});
afterAll(async () => world?.close());

const done = { state: "done", result: { content: [{ text: "ana-at-tickets" }] } };
const renewals = () => world.idp.asked.filter(({ form }) => form.grant_type === "refresh_token");
const row = async () =>
  (
    await world.plane.database.owner.query<{ id: string; version: number; lapsed_because: string | null }>(
      "select id, version, lapsed_because from connection",
    )
  ).rows[0];
const alerts = async () =>
  (await world.plane.call("GET", "/v1/alerts", { key: await world.plane.person(ana) })).json.alerts.filter(
    (one: { kind: string }) => one.kind === "connection",
  );

it("calls at once on two replicas renew one after another, and no rotated refresh token is used twice or lost", async () => {
  for (let round = 0; round < 4; round++) {
    const calls = Array.from({ length: 10 }, (_, n) =>
      world.call(key, "whoami", {}, n % 2 === 0 ? world.plane.url : other.url),
    );
    for (const { json } of await Promise.all(calls)) expect(json).toMatchObject(done);
  }
  const used = renewals().map(({ form }) => form.refresh_token);
  expect(used.length).toBeGreaterThanOrEqual(4);
  expect(new Set(used).size).toBe(used.length);
  expect(renewals().every(({ status }) => status === 200)).toBe(true);
  expect((await row())?.version).toBe(used.length + 1);
  // Of the versions before, nothing is left to open.
  const { rows } = await world.plane.database.owner.query("select 1 from sealed_secret where path like 'connection/%'");
  expect(rows.length).toBe(1);
});

it("a token that its server gave while the database was gone is kept once it is back", async () => {
  const before = await row();
  world.idp.before = async (form) => {
    if (form.grant_type !== "refresh_token") return;
    world.idp.before = undefined;
    await world.plane.database.owner.query("alter table connection rename to connection_away");
  };
  logged = "";
  const call = world.call(key, "whoami");
  await until(async () => (logged.includes("could not be kept yet") ? true : undefined));
  await world.plane.database.owner.query("alter table connection_away rename to connection");
  expect((await call).json).toMatchObject(done);
  const after = await row();
  expect(after?.version).toBe((before?.version ?? 0) + 1);
  expect((await world.call(key, "whoami", {}, other.url)).json).toMatchObject(done);
});

it("a replica whose lease ran out keeps what it got, where nobody was faster", async () => {
  const before = await row();
  world.idp.before = async (form) => {
    if (form.grant_type !== "refresh_token") return;
    world.idp.before = undefined;
    await world.plane.database.owner.query(
      "update connection set renewing_until = clock_timestamp() - interval '1 second'",
    );
  };
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  expect((await row())?.version).toBe((before?.version ?? 0) + 1);
});

it("while one replica renews, another waits for it and then goes with what it got", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const before = renewals().length;
  let arrived = 0;
  world.idp.before = async (form) => {
    if (form.grant_type !== "refresh_token") return;
    arrived++;
    // What it gives out is good for long: whoever comes later has no reason to renew.
    world.options.accessSeconds = 3_600;
    await held;
  };
  const calls = [world.call(key, "whoami"), world.call(key, "whoami", {}, other.url)];
  await until(async () => (arrived > 0 ? true : undefined));
  release();
  for (const { json } of await Promise.all(calls)) expect(json).toMatchObject(done);
  expect(renewals().length).toBe(before + 1);
  world.idp.before = undefined;
  world.options.accessSeconds = 30;
  await world.connect(ana, "ana-at-tickets");
});

it("a server that cannot be asked now ends nothing: the token is used as long as it is good", async () => {
  world.idp.down = true;
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  expect((await row())?.lapsed_because).toBeNull();
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  world.idp.down = false;
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  expect(await alerts()).toEqual([]);
  await world.connect(ana, "ana-at-tickets");
});

it("a connection that is ended while it is renewed is ended: what was got for it is given back", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrived = false;
  const [asked, presented] = [world.idp.asked.length, new Set(world.upstream.presented)];
  world.idp.before = async (form) => {
    if (form.grant_type !== "refresh_token") return;
    arrived = true;
    await held;
  };
  const call = world.call(key, "whoami");
  await until(async () => (arrived ? true : undefined));
  const id = (await row())?.id;
  const ending = world.plane.call("POST", `/v1/connections/${id}/disconnect`, {
    key: await world.plane.person(ana),
    body: {},
  });
  release();
  world.idp.before = undefined;
  const ended = await ending;
  expect(ended.status, ended.text).toBe(200);
  await call;
  expect(await row()).toBeUndefined();
  const { json } = await world.call(key, "whoami");
  expect(json.state).toBe("failed");
  expect(json.sentence).toContain("has not connected");
  const told = world.idp.asked.slice(asked);
  expect(told.some(({ path }) => path === "/token/revocation")).toBe(true);
  const given = told.flatMap(({ form }) => form.refresh_token ?? form.token ?? []);
  expect(given.length).toBeGreaterThanOrEqual(2);
  for (const token of given)
    expect([await world.idp.knowsRefresh(token), await world.idp.look(token)]).toEqual([false, undefined]);
  const since = [...world.upstream.presented].filter((header) => !presented.has(header));
  for (const header of since) expect(await world.idp.look(header.slice(7))).toBeUndefined();
  await world.connect(ana, "ana-at-tickets");
});

it("a renewal that is refused says who has to connect again, everywhere, with an alert that connecting again settles", async () => {
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  // As a person does who ends the access at the provider: the refresh token that is kept now is known by nobody here.
  world.idp.before = async (form) => {
    if (form.grant_type === "refresh_token") await world.idp.endRefresh(form.refresh_token ?? "");
  };
  const [first, second] = await Promise.all([world.call(key, "whoami"), world.call(key, "whoami", {}, other.url)]);
  world.idp.before = undefined;
  for (const { json } of [first, second]) {
    expect(json.state).toBe("failed");
    expect(json.sentence).toContain("`tickets` needs connecting again");
    expect(json.sentence).toContain(`${ana} runs \`countersign tools connect tickets\``);
  }
  const asked = renewals().length;
  expect((await world.call(key, "whoami")).json.state).toBe("failed");
  expect(renewals().length).toBe(asked);
  const { json } = await world.plane.call("GET", "/v1/connections", { key: await world.plane.person(ana) });
  expect(json.connections[0].needsConnecting).toContain("does not renew it any more");
  const [alert, ...more] = await alerts();
  expect(alert.sentence).toContain("countersign tools connect tickets");
  expect(more).toEqual([]);
  const deed = await world.plane.database.db.query<{ n: number }>(
    "select count(*)::int as n from entry where kind = 'secret' and person = 'countersign'",
  );
  expect(deed.rows[0]?.n).toBe(1);
  await world.connect(ana, "ana-at-tickets");
  expect(await alerts()).toEqual([]);
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  expect((await world.call(key, "whoami", {}, other.url)).json).toMatchObject(done);
});

it("a token that the upstream does not take is renewed for the next call", async () => {
  world.options.accessSeconds = 3_600;
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  const before = renewals().length;
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  expect(renewals().length).toBe(before);
  await world.idp.endAccess([...world.upstream.presented].at(-1)?.slice(7) ?? "");
  const failed = await world.call(key, "whoami");
  expect(failed.json.state).toBe("failed");
  expect((await world.call(key, "whoami")).json).toMatchObject(done);
  expect(renewals().length).toBe(before + 1);
});

it("the provider of these tests sees a refresh token that is used twice, and ends all that came of it", async () => {
  const first = renewals().at(-1)?.form.refresh_token ?? "";
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: first, client_id: clientId });
  const again = await fetch(`${world.idp.issuer}/token`, { method: "POST", body });
  expect(again.status).toBe(400);
  expect(await again.json()).toMatchObject({ error: "invalid_grant" });
  world.options.accessSeconds = 30;
  await until(async () => ((await world.call(key, "whoami")).json.state === "failed" ? true : undefined));
});
