import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestCli } from "../support/cli.ts";
import { type NoticePlane, openNoticePlane } from "../support/notice-plane.ts";
import { ana, bo, until } from "../support/plane.ts";
import { Receiver } from "../support/receiver.ts";

const targetWords = "your approval no longer counts: the target changed since; look again";
const ops = new Receiver();
let plane: NoticePlane;
beforeAll(async () => {
  await ops.open();
  plane = await openNoticePlane({
    organisation: (text) => `${text}\napprovals:\n  canaries: { share: 0% }\n`,
    workflow: (text) => text.replace(/(tool: files.write_file\n\s+from: editors\n\s+count:) 1/, "$1 2"),
    notifications: [{ name: "ops", kind: "webhook", url: ops.url, signing: "notices/ops", on: ["approval", "ended"] }],
    secrets: { "notices/ops": `whsec_${randomBytes(32).toString("base64")}` },
  });
  ops.answer = (_request, response) => void response.writeHead(204).end();
});
afterAll(async () => {
  await plane?.close();
  await ops.close();
});

const get = async (email: string, path: string) =>
  (await plane.call("GET", path, { key: await plane.person(email) })).json;
const lineOf = async (email: string, id: string) =>
  (await get(email, "/v1/approvals")).approvals.find((one: { id: string }) => one.id === id);
const answersTo = async (email: string, id: string) => (await get(email, `/v1/answers?action=${id}`)).answers;
const noticesOf = (id: string) => ops.of("approval.voided").filter(({ json }) => json.data.id === id);
const endOf = async (id: string) => {
  const answered = await get(bo, `/v1/actions/${id}?waitMs=10000`);
  return answered.state;
};

it("whoever gave the first of two approvals is told that it no longer counts where the target changed, and why", async () => {
  const id = await plane.hold("mine\n", "two.md");
  expect(await plane.answerAs(ana, id, "approve")).toBe(200);
  expect(await lineOf(ana, id)).not.toHaveProperty("voided");
  expect((await answersTo(ana, id))[0]).not.toHaveProperty("voided");
  writeFileSync(join(plane.folder, "sandbox/pages/two.md"), "somebody else's\n");
  // The second approves what was there before: it is asked anew, and nobody but the first has lost anything.
  expect(await plane.answerAs(bo, id, "approve")).toBe(409);
  expect(await lineOf(bo, id)).not.toHaveProperty("voided");
  expect((await lineOf(ana, id)).voided).toBe(targetWords);
  expect((await answersTo(ana, id)).map(({ voided }: { voided?: string }) => voided)).toEqual([targetWords]);
  const form = await plane.call("GET", `/approvals/${id}`, {
    key: await plane.person(ana),
    headers: { accept: "text/html" },
  });
  expect(form.text).toContain("Your approval no longer counts: the target changed since; look again.");
  const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(ana) });
  for (const command of [["approvals"], ["approvals", "show", id]])
    expect((await cli.run(command)).stdout).toContain(targetWords);
  cli.close();
  const [told] = await until(async () => (noticesOf(id).length > 0 ? noticesOf(id) : undefined), 30_000);
  expect(told?.json.data).toMatchObject({
    people: [ana],
    sentence: targetWords,
    headline: expect.stringContaining("An approval no longer counts: scribe wants to use files.write_file"),
  });
  // The way back: both approve what is there now, and nobody is told of it any more.
  expect(await plane.answerAs(ana, id, "approve")).toBe(200);
  expect(await lineOf(ana, id)).not.toHaveProperty("voided");
  expect(await plane.answerAs(bo, id, "approve")).toBe(200);
  expect(await endOf(id)).toBe("done");
  await until(
    async () => (ops.of("approval.ended").some(({ json }) => json.data.id === id) ? true : undefined),
    30_000,
  );
  expect(noticesOf(id)).toHaveLength(1);
});

it("and where the rule that asks is another one since", async () => {
  const id = await plane.hold("rule\n", "rule.md");
  expect(await plane.answerAs(ana, id, "approve")).toBe(200);
  const key = await plane.person(ana);
  const { files } = await get(ana, "/v1/workspace/files");
  const file = "workflows/docs-upkeep.yaml";
  const changed = { ...files, [file]: files[file].replace("valid: 1h", "valid: 50m") };
  const applied = await plane.call("POST", "/v1/workspace/apply", { key, body: { files: changed } });
  expect(applied.status, applied.text).toBe(202);
  const path = `/v1/proposals/${applied.json.proposal}`;
  const { digest } = await get(bo, path);
  const signed = await plane.call("POST", `${path}/sign`, { key: await plane.person(bo), body: { digest } });
  expect(signed.status, signed.text).toBe(200);
  const words = "your approval no longer counts: the rule that asks for it is another one since; look again";
  // It is decided anew when the second has answered, to the words of before: both are told.
  expect(await plane.answerAs(bo, id, "approve")).toBe(200);
  for (const email of [ana, bo]) expect(await until(async () => (await lineOf(email, id)).voided, 30_000)).toBe(words);
  const told = await until(async () => (noticesOf(id).length > 1 ? noticesOf(id) : undefined), 30_000);
  expect(told.map(({ json }) => [json.data.people, json.data.sentence]).toSorted()).toEqual([
    [[ana], words],
    [[bo], words],
  ]);
});
