import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { alertSharedKeys } from "../../packages/countersign/src/governance/alert-shared-keys.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { type NoticePlane, openNoticePlane } from "../support/notice-plane.ts";
import { ana } from "../support/plane.ts";
import { Receiver } from "../support/receiver.ts";

/** Uses are written down every ten seconds, and looked at every fifteen. */
const looked = { timeout: 120_000, interval: 250 };
const ops = new Receiver();
let plane: NoticePlane;
let cli: TestCli;
let key: string;

beforeAll(async () => {
  await ops.open();
  plane = await openNoticePlane({
    notifications: [{ name: "ops", kind: "webhook", url: ops.url, signing: "notices/ops", on: ["alert"] }],
    secrets: { "notices/ops": `whsec_${Buffer.alloc(32, 7).toString("base64")}` },
  });
  ops.answer = (_request, response) => void response.writeHead(200).end();
  key = await plane.person(ana);
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key });
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
  await ops.close();
});

const use = (agent: string, client: string) =>
  plane.call("GET", "/v1/actions?limit=1", { key: agent, headers: { "user-agent": client } });
const alerts = async () =>
  (await plane.call("GET", "/v1/alerts?limit=200", { key })).json.alerts.filter(
    ({ kind }: { kind: string }) => kind === "shared-key",
  );
const keysOf = async (agent: string) => (await cli.run(["agent", "keys", agent, "--json"])).json.credentials;
/** So many users of a key are written down, and were looked at. */
const seen = (credential: string, users: number) =>
  vi.waitFor(async () => {
    const { uses } = (await plane.call("GET", "/v1/credentials/uses", { key })).json;
    const own = new Set(
      uses.flatMap((one: { credential: string; client: string }) =>
        one.credential === credential ? [one.client] : [],
      ),
    );
    expect(own.size).toBe(users);
    await alertSharedKeys(plane.running.control);
  }, looked);

it("MT-116: a key that two agents use at the same time opens an alert that people are told of, until it ends", {
  timeout: 600_000,
}, async () => {
  const shared = await plane.agent("scribe", "staging");
  const own = await plane.agent("coder");
  for (const client of ["scribe/1.0", "research-bot/0.3", "scribe/1.0"]) {
    expect((await use(shared, client)).status).toBe(200);
    expect((await use(own, "coder/1.0")).status).toBe(200);
  }
  // By itself, as a server does it.
  const [alert] = await vi.waitFor(async () => {
    const open = await alerts();
    expect(open).toHaveLength(1);
    return open;
  }, looked);
  const found = (await keysOf("scribe")).find((one: { id: string }) => one.id === alert.subject);
  expect(found).toMatchObject({ environment: "staging", shared: ["client"] });
  expect(alert.sentence).toContain(`key ${alert.subject} of scribe in staging seems to have two users`);
  await vi.waitFor(
    () => expect(ops.all.map(({ json }) => json.data?.sentence ?? "").join()).toContain(alert.subject),
    looked,
  );
  const shown = await cli.run(["agent", "keys", "scribe"]);
  expect(shown.stdout).toContain("two: client differ");
  expect((await cli.run(["agent", "keys", "coder"])).stdout).not.toContain("two:");
  expect((await cli.run(["alerts"])).stdout).toContain("shared-key");

  // Somebody can explain these two: they are not told of again, and a third is.
  const settled = await cli.run(["alerts", "settle", alert.id, "--reason", "the second one is our load test"]);
  expect([settled.exit, settled.stderr]).toEqual([0, ""]);
  await use(shared, "scribe/1.0");
  await use(shared, "research-bot/0.3");
  await seen(alert.subject, 2);
  expect(await alerts()).toEqual([]);
  await use(shared, "stranger/9");
  await seen(alert.subject, 3);
  const [again] = await alerts();
  expect(again.subject).toBe(alert.subject);

  // With the key its alert ends.
  const revoked = await cli.run(["agent", "key", "revoke", alert.subject, "--because", "nobody knows the third"]);
  expect(revoked.exit).toBe(0);
  await vi.waitFor(async () => expect(await alerts()).toEqual([]), looked);
});
