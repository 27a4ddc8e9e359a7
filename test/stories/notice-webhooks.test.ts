import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openTestCli } from "../support/cli.ts";
import { type NoticePlane, openNoticePlane } from "../support/notice-plane.ts";
import { ana, bo, cy, until } from "../support/plane.ts";
import { type Received, Receiver } from "../support/receiver.ts";

const secretOf = () => `whsec_${randomBytes(32).toString("base64")}`;
const [now, before] = [secretOf(), secretOf()];
const ops = new Receiver();
const others = new Receiver();
let plane: NoticePlane;

beforeAll(async () => {
  await Promise.all([ops.open(), others.open()]);
  const on = ["approval", "escalation", "ended", "unknown", "alert", "stop"];
  plane = await openNoticePlane({
    // What is open for a minute is about to lapse at once.
    workflow: (text) => text.replace(/(tool: files.edit_file\n\s+from: editors\n\s+open:) 4h/, "$1 1m"),
    notifications: [
      { name: "ops", kind: "webhook", url: `${ops.url}/hook`, signing: "notices/ops", previous: "notices/ops-old", on },
      {
        name: "others",
        kind: "webhook",
        url: others.url,
        signing: "notices/ops",
        on: ["stop"],
        workflows: ["repo-survey"],
      },
    ],
    secrets: { "notices/ops": now, "notices/ops-old": before },
  });
});
afterAll(async () => {
  await plane?.close();
  await Promise.all([ops.close(), others.close()]);
});
beforeEach(() => {
  ops.answer = (_request, response) => void response.writeHead(204).end();
});

const arrived = (type: string, subject: string, times = 1): Promise<readonly Received[]> =>
  until(async () => {
    const found = ops.of(type).filter(({ json }) => json.data.id === subject);
    return found.length >= times ? found : undefined;
  }, 30_000);
const rows = async (query: string) =>
  (await plane.call("GET", `/v1/notices?${query}`, { key: await plane.person(bo) })).json.notices;

/** The published form, written down anew: HMAC-SHA256 over `id.timestamp.body`, one `v1,` part for each secret. */
function signs(received: Received, secret: string): boolean {
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": list } = received.headers;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const mac = createHmac("sha256", key)
    .update(`${String(id)}.${String(at)}.${received.body}`)
    .digest("base64");
  const isFresh = Math.abs(Date.now() / 1000 - Number(at)) < 300;
  return isFresh && String(list).split(" ").includes(`v1,${mac}`);
}

it("a question reaches a webhook, signed in the Standard Webhooks form with both secrets of a rotation", async () => {
  const action = await plane.hold();
  const [received] = await arrived("approval.asked", action);
  if (received === undefined) throw new Error("nothing came");
  expect([signs(received, now), signs(received, before), signs(received, secretOf())]).toEqual([true, true, false]);
  expect(signs({ ...received, body: received.body.replace("scribe", "other") }, now)).toBe(false);
  for (const secret of [now, before])
    expect(new Webhook(secret).verify(received.body, received.headers as Record<string, string>)).toMatchObject({
      type: "approval.asked",
    });
  expect(received.path).toBe("/hook");
  expect(received.json.data).toMatchObject({
    id: action,
    workflow: "docs-upkeep",
    agent: "scribe",
    tool: "files.write_file",
    environment: "sandbox",
    people: [ana, bo],
    link: `${plane.url}/inbox/${action}`,
  });
  expect(others.all).toEqual([]);
});

it("who answered is told how it ended, and what stops is told to whom it concerns", async () => {
  const action = await plane.hold();
  expect(await plane.answerAs(bo, action, "deny")).toBe(200);
  const [ended] = await arrived("approval.ended", action);
  expect(ended?.json.data).toMatchObject({
    people: [bo],
    sentence: expect.stringContaining("denied by bo@acme.example"),
  });

  const key = await plane.person(bo);
  const body = { scope: "workflow", name: "repo-survey", reason: "a drill" };
  const { json } = await plane.call("POST", "/v1/stops", { key, body });
  const [taken] = await arrived("stop.taken", json.stop.id);
  expect(taken?.json.data).toMatchObject({ headline: "Stopped: workflow repo-survey", sentence: `${bo}: a drill` });
  await plane.call("POST", `/v1/stops/${json.stop.id}/lift`, {
    key: await plane.person(ana),
    body: { reason: "over" },
  });
  await arrived("stop.lifted", json.stop.id);
  for (const type of ["stop.taken", "stop.lifted"])
    await until(async () => (others.of(type).length > 0 ? true : undefined));
  expect(others.all).toHaveLength(2);
});

it("a question whose time is nearly over is told of again", async () => {
  const key = await plane.agent("scribe");
  const path = join(plane.folder, "sandbox/pages/welcome.md");
  const edits = [{ oldText: "Welcome", newText: "Hello" }];
  const body = { server: "files", tool: "edit_file", arguments: { path, edits } };
  const { json } = await plane.call("POST", "/v1/actions", { key, body });
  expect(json.state).toBe("held");
  const [lapsing] = await arrived("approval.lapsing", json.id);
  expect(lapsing?.json.data).toMatchObject({ people: [ana, bo], headline: expect.stringMatching(/^About to lapse: /) });
});

it("an alert is told once", async () => {
  await plane.database.owner.query(
    "insert into alert (id, kind, subject, sentence) values ($1, 'clock', 'clock', 'the clock is off')",
    [`gov_${"1".repeat(26)}`],
  );
  await arrived("alert.raised", `gov_${"1".repeat(26)}`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(ops.of("alert.raised").filter(({ json }) => json.data.sentence === "the clock is off")).toHaveLength(1);
});

it("what cannot be delivered is tried again, becomes a dead letter, and is sent again under its old id", async () => {
  ops.answer = (_request, response) => void response.writeHead(503).end("secret words of the receiver");
  const action = await plane.hold();
  const dead = await until(async () => (await rows(`state=dead&subject=${action}`))[0]);
  expect(dead).toMatchObject({ tries: 3, fault: "it answered with status 503", channel: "ops" });
  const tries = ops.of("approval.asked").filter(({ json }) => json.data.id === action);
  expect(new Set(tries.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([dead.id]));
  expect(new Set(tries.map(({ body }) => body)).size).toBe(1);

  const path = `/v1/notices/${dead.id}/replay`;
  expect((await plane.call("POST", path, { key: await plane.person(cy) })).status).toBe(403);
  ops.answer = (_request, response) => void response.writeHead(200).end();
  const replayed = await plane.call("POST", path, { key: await plane.person(bo) });
  expect(replayed.status).toBe(200);
  const again = await arrived("approval.asked", action, 4);
  expect(again.at(-1)?.headers["webhook-id"]).toBe(dead.id);
  const receipt = await plane.call("GET", replayed.json.receipt, { key: await plane.person(ana) });
  expect(receipt.json).toMatchObject({
    kind: "notice",
    person: bo,
    payload: { deed: "replayed", notice: { id: dead.id } },
  });
  await until(async () => ((await rows(`state=sent&subject=${action}`)).length === 1 ? true : undefined));
  expect((await plane.call("POST", path, { key: await plane.person(bo) })).status).toBe(409);
});

it("the command line lists dead letters and replays them", async () => {
  ops.answer = (_request, response) => void response.writeHead(410).end();
  const action = await plane.hold();
  const dead = await until(async () => (await rows(`state=dead&subject=${action}`))[0]);
  ops.answer = (_request, response) => void response.writeHead(200).end();
  const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(bo) });
  const listed = await cli.run(["notices", "--state", "dead", "--about", action]);
  expect(listed.stdout).toContain("it answered that it is gone for good: status 410");
  const replayed = await cli.run(["notices", "replay", dead.id]);
  expect([replayed.exit, replayed.stdout]).toEqual([0, expect.stringContaining(`${dead.id} is on its way again`)]);
  await arrived("approval.asked", action, 2);
  expect(await cli.run(["notices", "--state", "deed"])).toMatchObject({ exit: 2 });
  cli.close();
});

it("a hostile receiver takes nobody else's time and leads nowhere", async () => {
  const hostile: Record<string, (response: import("node:http").ServerResponse) => void> = {
    redirect: (response) =>
      void response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end(),
    endless: (response) => {
      response.writeHead(200);
      const pour = setInterval(() => response.write(Buffer.alloc(65_536)), 5);
      response.once("close", () => clearInterval(pour));
    },
  };
  for (const [name, answer] of Object.entries(hostile)) {
    ops.answer = (_request, response) => answer(response);
    const action = await plane.hold();
    const [first] = await arrived("approval.asked", action);
    expect(first, name).toBeDefined();
    const seen = await until(async () => {
      const [row] = await rows(`subject=${action}`);
      return row.state === "sent" || row.fault !== null ? row : undefined;
    });
    if (name === "redirect") expect(seen.fault).toBe("it answered with a redirect, and none is followed");
    // What comes after the limit is cut off; the status said that it was taken.
    else expect(seen.state).toBe("sent");
  }
});
