import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { type CheckpointPlace, openCheckpointPlace } from "../support/checkpoint-place.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { type OpensslTsa, opensslTsaOverFakeTransport } from "../support/openssl-tsa-over-fake-transport.ts";
import { ana, openTestPlane, type TestPlane } from "../support/plane.ts";

const script = fileURLToPath(new URL("../../packages/contract/verifiers/verify.py", import.meta.url));
/** Alerts are looked for every 15 s. */
const looked = { timeout: 50_000, interval: 250 };

let tsa: OpensslTsa;
let place: CheckpointPlace;
let plane: TestPlane;
let cli: TestCli;
let key: string;
let aheadMs = 0;
const clock = { now: () => systemClock.now() + aheadMs, tick: () => systemClock.tick() };

beforeAll(async () => {
  [tsa, place] = await Promise.all([opensslTsaOverFakeTransport(), openCheckpointPlace()]);
  const anchors = [
    `  - { kind: tsa, url: "${tsa.url}", certificates: ${tsa.certificates}, every: 1s }`,
    `  - { kind: http, url: "${place.url}", every: 1s }`,
  ];
  plane = await openTestPlane({
    clock,
    edit: { "countersign.yaml": (text) => `${text}\nanchors:\n${anchors.join("\n")}\n` },
  });
  cli = openTestCli({ COUNTERSIGN_URL: plane.url });
  key = await plane.person(ana);
});
afterAll(async () => {
  cli.close();
  await plane.close();
  await Promise.all([tsa.close(), place.close()]);
});

const alerts = async (): Promise<string[]> =>
  (await plane.call("GET", "/v1/alerts", { key })).json.alerts.map(
    (alert: { kind: string; sentence: string }) => `${alert.kind}: ${alert.sentence}`,
  );

describe("a plane with a timestamp authority", () => {
  it("MT-211: exports what the authority signed, and `verify` shows when the log existed", {
    timeout: 180_000,
  }, async () => {
    const asAna = (...args: string[]) => cli.run(args, { env: { COUNTERSIGN_KEY: key } });
    const trust = join(cli.home, "trust.json");
    const whole = join(cli.home, "whole.log");
    await vi.waitFor(() => expect(tsa.queries.length).toBeGreaterThan(0), looked);
    await vi.waitFor(async () => {
      rmSync(whole, { force: true });
      expect(await asAna("log", "export", whole)).toMatchObject({ exit: 0 });
      expect(readFileSync(whole, "utf8")).toContain("timestamps");
    }, looked);
    writeFileSync(trust, (await asAna("log", "trust")).stdout);
    const verify = (...more: string[]) => cli.run(["verify", whole, "--log", "--trust", trust, ...more]);
    const held = await verify("--tsa", tsa.certificates);
    expect(held.stderr).toBe("");
    expect(held.stdout).toMatch(/holds.*\n {2}existed at 20\d\d-.*Z: the first \d+ entries, by http:\/\/127/);
    expect(held.exit).toBe(0);
    expect((await verify()).stdout).toContain("timestamp not checked");
    const refused = await verify("--tsa", tsa.stranger);
    expect(refused.exit).toBe(1);
    expect(refused.stdout).toContain("is signed by nobody whom the configured certificates vouch for");
    const python = spawnSync("python3", [script, "--trust", trust, "--log", whole], { encoding: "utf8" });
    expect(python).toMatchObject({ status: 0 });
    expect(place.posted.length).toBeGreaterThan(0);
  });

  it("MT-211: raises an alert while the authority lies, as for any anchor that fails", {
    timeout: 240_000,
  }, async () => {
    tsa.behave("another digest");
    // Something new to timestamp.
    const body = { scope: "agent", name: "scribe", reason: "to see it" };
    expect((await plane.call("POST", "/v1/stops", { key, body })).status).toBeLessThan(300);
    await vi.waitFor(
      async () =>
        expect((await alerts()).join()).toContain(
          "the anchor does not take checkpoints: the authority's answer is about another digest",
        ),
      looked,
    );
    tsa.behave("honest");
    await vi.waitFor(async () => expect((await alerts()).join()).not.toContain("another digest"), looked);
  });

  it("MT-211: raises the alarm when this machine's clock and the database's part, and settles it", {
    timeout: 240_000,
  }, async () => {
    expect((await alerts()).filter((alert) => alert.startsWith("clock"))).toEqual([]);
    aheadMs = 7_000;
    await vi.waitFor(
      async () =>
        expect((await alerts()).join()).toMatch(
          /clock: this machine's clock differs from the database's by [67]\d\d\d ms/,
        ),
      looked,
    );
    const { text } = await plane.call("GET", "/metrics", { key });
    expect(text).toMatch(/countersign_clock_skew_seconds [67]\./);
    // What is written meanwhile bears the database's time, not this machine's.
    const signed = await plane.call("POST", "/v1/stops", {
      key,
      body: { scope: "agent", name: "scribe", reason: "to see it" },
    });
    const { rows } = await plane.database.owner.query<{ ms: number }>(
      "select extract(epoch from max(at) - clock_timestamp())::float8 * 1000 as ms from entry",
    );
    expect(signed.status).toBeLessThan(300);
    expect(rows[0]?.ms).toBeLessThan(2_000);
    aheadMs = 0;
    await vi.waitFor(
      async () => expect((await alerts()).filter((alert) => alert.startsWith("clock"))).toEqual([]),
      looked,
    );
  });
});
