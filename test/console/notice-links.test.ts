import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openAlert } from "../../packages/countersign/src/action/alert-sql.ts";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import { ana, bo, until } from "../support/plane.ts";
import { Receiver } from "../support/receiver.ts";
import { actOn } from "./acted.ts";
import { type NotesStage, openNotes } from "./open-notes.ts";

const ops = new Receiver();
let stage: NotesStage;
beforeAll(async () => {
  await ops.open();
  const on = ["approval", "escalation", "ended", "unknown", "alert", "stop"];
  stage = await openNotes({
    notifications: [{ name: "ops", kind: "webhook", url: `${ops.url}/hook`, signing: "notices/ops", on }],
  });
  const body = { name: "notices/ops", value: `whsec_${randomBytes(32).toString("base64")}` };
  const kept = await stage.plane.call("PUT", "/v1/secrets", { key: await stage.plane.person(ana), body });
  expect(kept.status).toBeLessThan(300);
});
afterAll(async () => {
  await stage?.close();
  await ops.close();
});

/** What was told of this: the address, from the console's root. */
const linkOf = (type: string, isIt: (said: Record<string, string>) => boolean): Promise<string> =>
  until(async () => {
    const link = ops.of(type).find(({ json }) => isIt(json.data))?.json.data.link;
    return link === undefined ? undefined : String(link).replace(stage.plane.url, "");
  }, 60_000);

it("every notice leads to the page that shows what it tells of", async () => {
  const { plane } = stage;
  const [key, second] = [await plane.person(ana), await plane.person(bo)];
  const acted = await actOn(stage);
  const held = await stage.held("held.md");
  stage.notes.lose();
  const lost = await stage.send("bo@acme.example");
  const what = { scope: "agent", name: "coder", reason: "it reads what it should not", forMs: 3_600_000 };
  const { stop } = (await plane.call("POST", "/v1/stops", { key, body: what })).json;
  const { db } = plane.running.assembled;
  const alert = newId("gov");
  await openAlert(db, alert, "connection", "of-a-test", "a connection of a test has to be made again");
  expect((await plane.call("POST", "/v1/workflows/docs-upkeep/test-page", { key, body: {} })).status).toBe(200);
  const taken = await linkOf("stop.taken", ({ id }) => id === stop.id);
  const visit = await stage.logIn(ana);
  const look = async (type: string, path: string, selector: string, shows: string): Promise<void> => {
    await visit.open(path);
    const at = visit.page.locator(selector).first();
    await at.waitFor();
    expect([type, path, await at.textContent()]).toEqual([type, path, expect.stringContaining(shows)]);
  };
  const isAbout = (id: string) => (said: Record<string, string>) => said.id === id;
  await look("approval.asked", await linkOf("approval.asked", isAbout(held)), "article", "held.md");
  await look("approval.ended", await linkOf("approval.ended", isAbout(acted.written)), ".number", acted.written);
  await look("action.unknown", await linkOf("action.unknown", isAbout(lost)), "article h2", "send_note");
  await look("alert.raised", await linkOf("alert.raised", isAbout(alert)), "article", "onnection of a test");
  await look("stop.taken", taken, "article", what.reason);
  const lift = { key: second, body: { reason: "a test goes on" } };
  expect((await plane.call("POST", `/v1/stops/${stop.id}/lift`, lift)).status).toBe(200);
  await look("stop.lifted", await linkOf("stop.lifted", isAbout(stop.id)), "article h2", "lifted");
  const page = await linkOf("test.page", ({ workflow }) => workflow === "docs-upkeep");
  await look("test.page", page, "article", "docs-upkeep");
  expect(visit.faults).toEqual([]);
});
