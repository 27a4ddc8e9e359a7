import type { Decision, DecisionInput } from "@countersign/contract";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildOpa } from "../../../../scripts/build-opa.ts";
import { Collector } from "../../../../test/support/collector.ts";
import { startOpa } from "../../../../test/support/opa.ts";
import { systemClock } from "../floor/clock.ts";
import { silent } from "../floor/log.ts";
import { Secret } from "../floor/secret.ts";
import { asks } from "../policy/acme.fixture.ts";
import { type DecisionLog, type DecisionLogRule, openDecisionLog } from "./open-decision-log.ts";

let collector: Collector;
let url: string;
let open: DecisionLog | undefined;
beforeAll(() => void buildOpa(), 900_000);
beforeEach(async () => {
  collector = new Collector();
  url = await collector.open();
});
afterEach(async () => {
  await open?.close();
  open = undefined;
  await collector.close();
});

function start(more: Partial<DecisionLogRule> = {}): DecisionLog {
  const made = openDecisionLog({
    clock: systemClock,
    log: silent,
    id: "wrt_test",
    version: "0.0.0",
    redact: (value) => JSON.parse(JSON.stringify(value).replaceAll("hunter2hunter2", "[redacted]")),
    async lease(name) {
      if (name !== "logs/key") throw new Error("no such secret");
      return { value: new Secret("a-collectors-key"), release: async () => undefined };
    },
  });
  made.use({ url: `${url}/logs`, input: "digest", labels: { estate: "acme" }, maxQueued: 100, ...more });
  open = made;
  return made;
}

const input = (query: string): DecisionInput =>
  asks({ tool: "helpdesk.search_tickets", verb: "read", args: { query, password: "hunter2hunter2" } });
const decision: Decision = {
  v: 1,
  effect: "deny",
  determining: [{ id: "a-rule", effect: "forbid", digest: "sha256:x", text: "forbid (principal, action, resource);" }],
  requirements: [],
  obligations: [],
  errors: ["said of the argument needle"],
  policySet: { revision: 7, digest: "sha256:set" },
  inputDigest: "sha256:input",
  nearMiss: [{ policy: "near", sentence: "needle" }],
  sentence: "refused because of needle",
  micros: 12,
};

describe("a decision log", () => {
  it("has every member that a real OPA's has, of the same type (MT-134)", async () => {
    const opa = await startOpa(
      `--set=services.collector.url=${url}`,
      "--set=decision_logs.service=collector",
      "--set=decision_logs.reporting.min_delay_seconds=1",
      "--set=decision_logs.reporting.max_delay_seconds=1",
      "--set=labels.estate=acme",
    );
    try {
      await fetch(`${opa.url}/v1/data/x`, { method: "POST", body: '{"input":{"a":1}}' });
      while (collector.events.length === 0) await collector.heard();
    } finally {
      await opa.stop();
    }
    const [theirs] = collector.batches.splice(0);
    const log = start({ input: "full" });
    log.add(input("needle"), decision);
    while (collector.events.length === 0) await collector.heard();
    const [ours] = collector.batches;
    expect(ours?.path).toBe(theirs?.path);
    expect(collector.faults).toEqual([]);
    const [event = {}, own = {}] = [theirs?.events[0], ours?.events[0]];
    expect(Object.keys(event)).toEqual(expect.arrayContaining(["labels", "decision_id", "path", "input", "timestamp"]));
    for (const member of ["labels", "decision_id", "path", "input", "timestamp", "metrics"]) {
      expect(typeof own[member], member).toBe(typeof event[member]);
    }
    expect(Date.parse(String(own.timestamp))).not.toBeNaN();
    expect(Object.keys(own.labels ?? {})).toEqual(expect.arrayContaining(Object.keys(event.labels ?? {})));
  });

  it("holds with `masked` no fact that is made of the arguments", async () => {
    const log = start({ input: "masked" });
    const asked = input("needle");
    const facts = {
      ...asked.facts,
      signals: ["permissions"],
      counts: { "w/g": 7_654 },
      sums: { "w/g": 123_456 },
      steps: { s: 4_321 },
      formerly: ["w/first"],
      previous: ["w/last"],
      reach: { money: { minor: 4_200, currency: "EUR" } },
    };
    log.add({ ...asked, principal: { ...asked.principal, onBehalfOf: "bo@acme.example" }, facts }, decision);
    while (collector.events.length === 0) await collector.heard();
    const text = JSON.stringify(collector.events);
    for (const told of ["7654", "123456", "4321", "4200", "permissions", "w/first", "w/last", "bo@acme.example"])
      expect(text, told).not.toContain(told);
    expect(collector.events[0]).toMatchObject({ erased: expect.arrayContaining(["/input/facts/sums"]) });
  });

  it.each([
    ["digest", ["needle", "hunter2hunter2", "refused because"]],
    ["masked", ["needle", "hunter2hunter2", "refused because"]],
    ["full", ["hunter2hunter2"]],
  ] as const)("holds with `%s` nothing that it must not", async (shown, never) => {
    const log = start({ input: shown });
    const asked = input("needle");
    log.add(asked, decision);
    while (collector.events.length === 0) await collector.heard();
    const text = JSON.stringify(collector.events);
    for (const word of [...never, "near", "forbid (principal"]) expect(text, word).not.toContain(word);
    expect(text.includes("needle")).toBe(shown === "full");
    for (const digest of [asked.argsDigest, asked.callDigest]) expect(text.includes(digest)).toBe(shown === "full");
    expect(collector.events[0]).toMatchObject({
      decision_id: expect.any(String),
      path: "countersign/decision",
      bundles: { countersign: { revision: "sha256:set" } },
      labels: { estate: "acme", app: "countersign", id: "wrt_test" },
      input_digest: "sha256:input",
      result: { effect: "deny", allow: false, determining: [{ id: "a-rule" }] },
      ...(shown === "digest" ? { erased: ["/input"] } : {}),
    });
  });

  it("keeps what a collector does not take now, and sends it in order", async () => {
    collector.status = 503;
    const log = start({ credential: "logs/key" });
    for (const name of ["one", "two", "three"]) log.add({ ...input(name), decisionId: name }, decision);
    await collector.heard();
    expect(log.status()).toMatchObject({ queued: 3, sent: 0, lost: 0 });
    collector.status = 200;
    log.use({ url: `${url}/logs`, credential: "logs/key", input: "digest", labels: {}, maxQueued: 100 });
    while (collector.events.length < 3) await collector.heard();
    expect(collector.events.map((event) => event.decision_id)).toEqual(["one", "two", "three"]);
    expect(collector.batches[0]?.authorization).toBe("Bearer a-collectors-key");
    await open?.close();
    expect(log.status()).toMatchObject({ queued: 0, sent: 3, lost: 0 });
  });

  it("counts what does not fit, what is refused for good, and what is left at the end", async () => {
    collector.status = 503;
    const log = start({ maxQueued: 10 });
    for (let index = 0; index < 25; index++) log.add({ ...input("x"), decisionId: `d${index}` }, decision);
    expect(log.status()).toMatchObject({ queued: 10, lost: 15 });
    expect(log.status().lostAtMs).toBeGreaterThan(0);
    collector.status = 413;
    await collector.heard();
    while (log.status().queued > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(log.status()).toMatchObject({ lost: 25, sent: 0, fault: "the collector answered with status 413" });
    collector.status = 503;
    log.add(input("x"), decision);
    await log.close();
    open = undefined;
    expect(log.status()).toMatchObject({ queued: 0, lost: 26 });
  });

  it("sends in batches of a megabyte, and keeps no more in memory than 64 of them", async () => {
    const log = start({ input: "full", maxQueued: 1000 });
    const large = "x".repeat(400_000);
    for (let index = 0; index < 4; index++) log.add(input(large), decision);
    while (collector.events.length < 4) await collector.heard();
    expect(collector.batches.map(({ events }) => events.length)).toEqual([2, 2]);
    while (log.status().queued > 0) await new Promise((resolve) => setImmediate(resolve));
    collector.status = 503;
    for (let index = 0; index < 200; index++) log.add(input(large), decision);
    expect(log.status().queued).toBeLessThan(170);
    expect(log.status().queued + log.status().lost).toBe(200);
  });

  it("sends nothing where no collector is named, and nothing without its credential", async () => {
    const log = start({ credential: "no/key" });
    log.add(input("x"), decision);
    await log.close();
    open = undefined;
    expect(collector.batches).toEqual([]);
    expect(log.status()).toMatchObject({ lost: 1, fault: expect.stringContaining("secret store") });
    const off = start();
    off.use(undefined);
    off.add(input("x"), decision);
    expect(off.status()).toMatchObject({ queued: 0, lost: 0 });
  });
});
