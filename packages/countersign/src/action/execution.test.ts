import { randomBytes } from "node:crypto";
import type { JsonObject } from "@countersign/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { bo, cy } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type Replica, until, type World } from "../../../../test/faults/world.ts";
import { Collector } from "../../../../test/support/collector.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { createChecks } from "../checks/index.ts";
import { openDecisionLog } from "../decision-log/index.ts";
import type { Answer, Connector, Dispatch } from "../execution/connector.ts";
import { systemClock } from "../floor/clock.ts";
import { silent } from "../floor/log.ts";
import type { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";
import { answer, closeRun, lift, openAlerts, openRun, showApproval, stop } from "../governance/index.ts";
import { readSubject } from "../ledger/read.ts";
import { fenceExpired } from "../ledger/sql.ts";
import { readReceipt } from "./read-receipt.ts";
import { recover } from "./recover.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), timeoutMs: 2_000 });
});
/** A replica that keeps its calls waiting must take nothing of a later test up. */
const open: Replica[] = [];
async function openReplica(options?: Parameters<World["replica"]>[0]): Promise<Replica> {
  const replica = await world.replica(options);
  open.push(replica);
  return replica;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((replica) => replica.hall.drain(0)));
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});
afterEach(() => world.rest());

const effectsOf = (marker: string) => world.recorder.effects().filter((effect) => effect.marker === marker);
const stateOf = async (id: string) => (await world.base.hall.get(world.caller, id)).state;
const kindsOf = async (id: string): Promise<string> =>
  (await base.owner.query<{ kind: string }>("select kind from entry where subject = $1 order by step", [id])).rows
    .map((row) => row.kind)
    .join(" ");

/** A connector that a test opens and closes: each call waits until it is told what became of it. */
function gatedConnector(): Connector & { readonly calls: Dispatch[]; answer(answer: Answer): void } {
  const waiting: ((answer: Answer) => void)[] = [];
  const calls: Dispatch[] = [];
  return {
    calls,
    answer: (given) => waiting.shift()?.(given),
    call: (dispatch) => {
      calls.push(dispatch);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

const answered: Answer = { kind: "answered", result: { content: [{ type: "text", text: "done" }] } };

async function fenceNow(replica: Replica): Promise<void> {
  const writer = replica.parts.ledger.writer();
  await base.owner.query("update writer_lease set expires_at = clock_timestamp() - interval '1 s' where writer = $1", [
    writer,
  ]);
  await recover(world.base.control.parts);
}

describe("at most once", () => {
  it("a replica that was taken for dead settles the unknown with its late answer", async () => {
    const connector = gatedConnector();
    const replica = await openReplica({ connector });
    const asked = replica.hall.submit(world.caller, call("put", { marker: "late-1" }));
    await until("the call", () => connector.calls.length === 1);
    await fenceNow(replica);
    const id = connector.calls[0]?.actionId ?? "";
    expect(await stateOf(id)).toBe("unknown");
    expect((await openAlerts(world.base.db)).some((alert) => alert.subject === id)).toBe(true);
    connector.answer(answered);
    expect((await asked).view).toMatchObject({ id, state: "done" });
    expect(await stateOf(id)).toBe("done");
    expect(await kindsOf(id)).toBe("intent unknown settled");
    expect((await openAlerts(world.base.db)).some((alert) => alert.subject === id)).toBe(false);
    // Its own housekeeping may have looked in the meantime; it was put once.
    expect(connector.calls.filter(({ params }) => params.name === "put")).toHaveLength(1);
  });

  it("a late answer that contradicts what people settled is told to people, and changes nothing", async () => {
    const connector = gatedConnector();
    const replica = await openReplica({ connector });
    const asked = replica.hall.submit(world.caller, call("put", { marker: "late-2" }));
    await until("the call", () => connector.calls.length === 1);
    await fenceNow(replica);
    const id = connector.calls[0]?.actionId ?? "";
    await world.base.hall.settleUnknown(bo, id, false, "it is not there");
    connector.answer(answered);
    await asked;
    expect(await stateOf(id)).toBe("failed");
    expect((await openAlerts(world.base.db)).map((alert) => `${alert.kind} ${alert.subject}`)).toContain(
      `contradiction ${id}`,
    );
  });

  it("an answer that comes while the database is away is recorded when it is back", async () => {
    const connector = gatedConnector();
    const replica = await openReplica({ connector });
    const asked = replica.hall.submit(world.caller, call("put", { marker: "late-3" }));
    await until("the call", () => connector.calls.length === 1);
    const { append } = replica.parts.ledger;
    const { Problem } = await import("../floor/problem.ts");
    let refusals = 0;
    replica.parts.ledger.append = () => {
      refusals += 1;
      return Promise.reject(new Problem("unavailable", "the database cannot be reached"));
    };
    connector.answer(answered);
    await until("three tries", () => refusals >= 3);
    replica.parts.ledger.append = append;
    expect((await asked).view.state).toBe("done");
    expect(await kindsOf(connector.calls[0]?.actionId ?? "")).toBe("intent outcome");
  });

  it("nothing is sent by a replica whose lease ran out between intent and call", async () => {
    const connector = gatedConnector();
    let replica: Replica | undefined;
    replica = await openReplica({
      connector,
      leaseMs: 3_000,
      at: async (point) => {
        if (point !== "after_intent" || replica === undefined) return;
        const { ledger } = replica.parts;
        const writer = ledger.writer();
        await base.owner.query("update writer set fenced_at = clock_timestamp() where id = $1", [writer]);
        // It has a new writer and is alive again: the intent is still the old one's.
        await until("its next writer", () => ledger.writer() !== writer && ledger.alive());
      },
    });
    const { view } = await replica.hall.submit(world.caller, call("put", { marker: "lease-1" }));
    expect(connector.calls).toEqual([]);
    expect(["failed", "unknown"]).toContain(view.state);
    await until("its end", async () => (await stateOf(view.id)) === "failed");
  });

  it("nothing is sent where the plane cannot be read between intent and call, and it is recorded so", async () => {
    const connector = gatedConnector();
    const replica = await openReplica({ connector });
    const { keeper } = world.base.control;
    let isAway = false;
    const { openHall } = await import("./open-hall.ts");
    const { Problem } = await import("../floor/problem.ts");
    const hall = openHall({
      ...replica.parts,
      plane: {
        current() {
          if (isAway) throw new Problem("unavailable", "what is in force cannot be read");
          return keeper.current();
        },
      },
      at: (point) => {
        if (point === "after_intent") isAway = true;
        if (point === "after_outcome") isAway = false;
      },
    });
    const { view } = await hall.submit(world.caller, call("put", { marker: "plane-1" }));
    expect(view).toMatchObject({ state: "failed" });
    expect(connector.calls).toEqual([]);
    await hall.drain(10);
  });

  it("MT-119 an intent whose replica died is unknown, is looked up, and is not sent again", async () => {
    const replica = await openReplica({
      at: (point) => {
        if (point === "after_call") throw new Error("cut");
      },
    });
    const asked = call("put", { marker: "crash-1" });
    await expect(replica.hall.submit(world.caller, asked)).rejects.toThrow("cut");
    const [effect] = effectsOf("crash-1");
    expect(await stateOf(effect?.action ?? "")).toBe("running");
    await fenceNow(replica);
    await until("its settling", async () => (await stateOf(effect?.action ?? "")) === "done");
    expect(await kindsOf(effect?.action ?? "")).toBe("intent unknown settled");
    const again = await world.base.hall.submit(world.caller, asked);
    expect(again.view.id).toBe(effect?.action);
    expect(effectsOf("crash-1")).toHaveLength(1);
  });

  it("an unknown whose deed is not to be seen is settled as failed only once the call can no longer be at work", async () => {
    const asked = await world.base.hall.submit(world.caller, call("put", { marker: "slow-1", how: "slow:4000" }));
    expect(asked.view.state).toBe("unknown");
    await until("its settling", async () => (await stateOf(asked.view.id)) !== "unknown");
    expect(await stateOf(asked.view.id)).toBe("done");
    const lost = await world.base.hall.submit(world.caller, call("put", { marker: "lost-1", how: "cut_before" }));
    expect(lost.view.state).toBe("unknown");
    await until("its settling", async () => (await stateOf(lost.view.id)) === "failed");
  });

  it("an action in flight when its replica goes down is found by the next, not left running", async () => {
    const connector = gatedConnector();
    const replica = await openReplica({ connector });
    void replica.hall.submit(world.caller, call("put", { marker: "down-1" })).catch(() => undefined);
    await until("the call", () => connector.calls.length === 1);
    await replica.close();
    const id = connector.calls[0]?.actionId ?? "";
    await until("its taking over", async () => (await stateOf(id)) !== "running");
    await until("an end of its lease", async () => (await fenceExpired(base.owner)).length === 0);
  });

  it("a drain passes the cancellation on and waits for an honest end", async () => {
    const calls: Dispatch[] = [];
    const connector: Connector = {
      call: (dispatch) => {
        calls.push(dispatch);
        return new Promise((resolve) =>
          dispatch.signal.addEventListener("abort", () => resolve({ kind: "lost", reason: "it was cancelled" })),
        );
      },
    };
    const replica = await openReplica({ connector });
    const asked = replica.hall.submit(world.caller, call("put", { marker: "drain-1" }));
    await until("the call", () => calls.length === 1);
    await replica.hall.drain(50);
    expect((await asked).view.state).toBe("unknown");
    const after = replica.hall.submit(world.caller, call("put", { marker: "drain-2" }));
    await expect(after).rejects.toMatchObject({ code: "unavailable" });
  });

  it("a call that takes longer than its deadline is unknown, and a cancelled one is passed on", async () => {
    const hung = await world.base.hall.submit(world.caller, call("put", { marker: "hang-1", how: "hang" }));
    expect(hung.view.state).toBe("unknown");
    const leaving = new AbortController();
    // Its deadline is far: only the cancellation ends it.
    const { connector } = world.base.control.parts;
    const patient = await openReplica({
      connector: { call: (dispatch) => connector.call({ ...dispatch, deadlineMs: 600_000 }) },
    });
    const asked = patient.hall.submit(world.caller, call("put", { marker: "hang-2", how: "hang" }), {
      signal: leaving.signal,
    });
    await until("the call", () => world.recorder.calls("hang-2") > 0);
    leaving.abort();
    expect((await asked).view.state).toBe("unknown");
    const gone = await world.base.hall.submit(world.caller, call("put", { marker: "hang-3" }), {
      signal: AbortSignal.abort(),
    });
    expect([gone.view.state, effectsOf("hang-3").length]).toEqual(["failed", 0]);
  });
});

describe("a stop", () => {
  it("freezes what is held, refuses what comes, and what was frozen is decided again once it is lifted", async () => {
    const { control, hall } = world.base;
    const held = await hall.submit(world.caller, call("ask_put", { marker: "stop-1" }), { waitMs: 0 });
    const { callDigest, shownDigest = "" } = await showApproval(control, bo, held.view.id);
    const report = await stop(control, bo, { scope: "agent", name: world.caller.agent, reason: "it looks odd" });
    expect(report.frozen).toContain(held.view.id);
    const refused = await hall.submit(world.caller, call("put", { marker: "stop-2" }));
    expect(refused.view).toMatchObject({ state: "refused", refusal: "stopped" });
    const request = { action: held.view.id, verdict: "approve" as const, callDigest, shownDigest };
    await expect(answer(control, bo, { ...request, reason: "go" })).rejects.toMatchObject({ code: "conflict" });
    await expect(lift(control, bo, report.stop.id, "my own")).rejects.toMatchObject({ code: "forbidden" });
    expect(effectsOf("stop-1")).toEqual([]);
    await lift(control, cy, report.stop.id, "it was nothing");
    await answer(control, bo, { ...request, reason: "go" });
    await until("its run", async () => (await stateOf(held.view.id)) === "done");
    expect(effectsOf("stop-1")).toHaveLength(1);
  });

  it("that voids refuses what is held", async () => {
    const { control, hall } = world.base;
    const held = await hall.submit(world.caller, call("ask_put", { marker: "stop-3" }), { waitMs: 0 });
    const report = await stop(control, bo, { scope: "everything", name: "*", reason: "all of it", voids: true });
    expect(report.voided).toContain(held.view.id);
    expect(await stateOf(held.view.id)).toBe("refused");
    await lift(control, cy, report.stop.id, "over");
  });

  it("between decision and intent, and between intent and call, lets nothing through", async () => {
    for (const point of ["before_intent", "after_intent"] as const) {
      const taken: string[] = [];
      const replica = await openReplica({
        at: async (at) => {
          if (at !== point || taken.length > 0) return;
          const { stop: made } = await stop(world.base.control, bo, {
            scope: "tool",
            name: "deeds.put",
            reason: "just now",
          });
          taken.push(made.id);
        },
      });
      const { view } = await replica.hall.submit(world.caller, call("put", { marker: `stop-${point}` }));
      expect(view.state).toBe("failed");
      expect(effectsOf(`stop-${point}`)).toEqual([]);
      await lift(world.base.control, cy, taken[0] ?? "", "over");
    }
  });

  it("that freezes an action while a replica takes it up wins", async () => {
    const { control, hall } = world.base;
    const held = await hall.submit(world.caller, call("ask_put", { marker: "stop-6" }), { waitMs: 0 });
    let taken = "";
    const replica = await openReplica({
      ownPlane: true,
      at: async (at) => {
        if (at !== "before_intent" || taken !== "") return;
        taken = (await stop(control, bo, { scope: "agent", name: world.caller.agent, reason: "now" })).stop.id;
      },
    });
    const quiet = { ...replica.control, hall: { ...replica.control.hall, nudge: () => undefined } };
    const { resume } = await import("./resume.ts");
    await base.owner.query("update open_action set lease_until = clock_timestamp() + interval '1 h' where id = $1", [
      held.view.id,
    ]);
    await lookAndAnswer(quiet, bo, { action: held.view.id, verdict: "approve", reason: "go" });
    await base.owner.query("update open_action set lease_until = null, look_at = null where id = $1", [held.view.id]);
    await resume(replica.parts, held.view.id);
    expect(taken).not.toBe("");
    expect(await stateOf(held.view.id)).toBe("held");
    expect(effectsOf("stop-6")).toEqual([]);
    await lift(control, cy, taken, "over");
    await until("its run", async () => (await stateOf(held.view.id)) === "done");
    expect(effectsOf("stop-6")).toHaveLength(1);
  });
});

describe("what an agent says and sees", () => {
  it("MT-33 an environment that the agent claims and the target is not in is refused", async () => {
    const { hall } = world.base;
    const claimed = await hall.submit(
      world.caller,
      call("put", { marker: "env-1" }, { claimedEnvironment: "staging" }),
    );
    expect(claimed.view).toMatchObject({ state: "refused", refusal: "policy", environment: "sandbox" });
    const right = await hall.submit(world.caller, call("put", { marker: "env-2" }, { claimedEnvironment: "sandbox" }));
    expect(right.view.state).toBe("done");
    const elsewhere = { ...world.caller, environment: "production" };
    const wrongKey = await hall.submit(elsewhere, call("put", { marker: "env-3" }));
    expect(wrongKey.view).toMatchObject({ state: "refused", refusal: "policy" });
    expect([effectsOf("env-1").length, effectsOf("env-3").length]).toEqual([0, 0]);
  });

  it("MT-118 a secret in a result reaches neither the agent nor the ledger's readers", async () => {
    const canary = `ghp_${"a8Fk2LmQ9xYz7RtB3WcV6NdP1SgH4JeU5TqK"}`;
    const { hall } = world.base;
    const connector: Connector = {
      call: async () => ({ kind: "answered", result: { content: [{ type: "text", text: `kept with ${canary}` }] } }),
    };
    const replica = await openReplica({ connector });
    const asked = await replica.hall.submit(world.caller, call("put", { marker: "secret-1" }));
    const later = await hall.get(world.caller, asked.view.id);
    expect(asked.view.state).toBe("done");
    expect(JSON.stringify([asked, later])).not.toContain(canary);
    const again = await hall.submit(world.caller, call("put", { marker: "secret-1" }));
    expect(JSON.stringify(again)).not.toContain(canary);
  });

  it("a secret in the arguments is refused before anything is sent, and is not in the record", async () => {
    const canary = `ghp_${"b8Fk2LmQ9xYz7RtB3WcV6NdP1SgH4JeU5TqK"}`;
    const asked = await world.base.hall.submit(world.caller, {
      ...call("put", { marker: "secret-2", value: canary }),
      claim: `it says ${canary}`,
    });
    expect(asked.view).toMatchObject({ state: "refused", refusal: "check" });
    expect(JSON.stringify(asked)).not.toContain(canary);
    const { parts } = world.base.control;
    const { entries } = await readSubject(parts.db, asked.view.id, parts.wrap);
    expect(JSON.stringify(entries.map(({ payload }) => payload))).toContain("[redacted: ");
    expect(JSON.stringify(entries.map(({ payload }) => payload))).not.toContain(canary);
    expect(effectsOf("secret-2")).toEqual([]);
  });

  it("a secret that stands for an environment or for a tool's name is in no answer, record or receipt", async () => {
    const canary = `ghp_${"d8Fk2LmQ9xYz7RtB3WcV6NdP1SgH4JeU5TqK"}`;
    const { control, hall } = world.base;
    const { parts } = control;
    const told = async (id: string) => {
      const { entries } = await readSubject(parts.db, id, parts.wrap);
      expect(entries).toHaveLength(1);
      return JSON.stringify(entries);
    };
    const placed = await hall.submit(world.caller, call("put", { marker: "env-4" }, { claimedEnvironment: canary }));
    expect(placed.view).toMatchObject({ state: "refused", refusal: "policy" });
    expect(placed.view.sentence).toContain("the call says environment `[redacted: ");
    const failure = async (asked: ReturnType<typeof call>) =>
      hall.submit(world.caller, asked).then(
        () => undefined,
        (thrown: Problem) => thrown,
      );
    const unknown = await failure(call(`${"x".repeat(170)} ${canary}`, {}));
    const elsewhere = await failure({ ...call("put", {}), server: canary });
    const ids = [unknown, elsewhere].map((thrown) => /act_\w+/.exec(thrown?.help ?? "")?.[0] ?? "");
    const all = [JSON.stringify(placed), String(unknown?.message), String(elsewhere?.message)];
    for (const id of [placed.view.id, ...ids]) all.push(await told(id));
    for (const text of all) {
      expect(text).toContain("[redacted: ");
      // Also no part of it: a name is cut after it was screened.
      expect(text).not.toContain(canary.slice(0, 12));
    }
    expect(effectsOf("env-4")).toEqual([]);
  });

  it("a name that is a secret is told by no check: not in the sentence, the record, the receipt or the decision log", async () => {
    const slashed = "Kx7/qR9w~T3/zM5pLq";
    const long = randomBytes(82).toString("hex");
    const scrambled = ["Xk3vQ8", "mT2rZ6", "wB9nH4", "cL7j"].join("");
    const canary = `ghp_${"c8Fk2LmQ9xYz7RtB3WcV6NdP1SgH4JeU5TqK"}`;
    const steering = "a\r\nrefused: no\u001b[31m";
    const closed = (properties: JsonObject): JsonObject => ({
      type: "object",
      properties,
      additionalProperties: false,
    });
    const schema = closed({ marker: { type: "string" }, password: closed({}), state: closed({}) });
    const checks = createChecks({ known: { revision: 1, values: () => [new Secret(slashed), new Secret(long)] } });
    const checking: typeof checks = { ...checks, run: (names, input) => checks.run(names, { ...input, schema }) };
    const collector = new Collector();
    const url = await collector.open();
    const decisionLog = openDecisionLog({
      clock: systemClock,
      log: silent,
      id: "wrt_test",
      version: "0.0.0",
      // What the log cuts out by itself must not be what keeps it clean.
      redact: (event) => {
        const { input, ...rest } = event as { readonly input: JsonObject };
        const { args: _, ...others } = input;
        return { ...rest, input: others } as JsonObject;
      },
      lease: () => Promise.reject(new Error("no such secret")),
    });
    decisionLog.use({ url, input: "full", labels: {}, maxQueued: 100 });
    const connector: Connector = {
      call: async () => ({ kind: "answered", result: { content: [], structuredContent: { state: { [canary]: 1 } } } }),
    };
    const replica = await openReplica({ connector });
    const { openHall } = await import("./open-hall.ts");
    const hall = openHall({ ...replica.parts, checking, decisionLog });
    const told: string[] = [];
    const tellAll = async (asked: Awaited<ReturnType<typeof hall.submit>>): Promise<void> => {
      const { parts } = world.base.control;
      const { entries } = await readSubject(parts.db, asked.view.id, parts.wrap);
      const receipt = await readReceipt(parts, asked.view.id);
      expect(JSON.stringify(receipt.checks)).not.toMatch(/\\r|\\u001b/);
      told.push(...[asked, entries.map(({ payload }) => payload), receipt].map((one) => JSON.stringify(one)));
    };
    try {
      for (const [n, more] of [canary, slashed, long, steering].map((name) => ({ [name]: "1" })).entries()) {
        const asked = await hall.submit(world.caller, call("put", { marker: `named-${n}`, ...more }));
        expect(asked.view).toMatchObject({ state: "refused", refusal: "check" });
        expect(asked.view.sentence).toContain("schema-additionalProperties at `/");
        expect(asked.view.sentence).toMatch(/^\P{Cc}{1,400}$/u);
        await tellAll(asked);
      }
      const within = { marker: "named-4", password: { [scrambled]: true } } as never;
      const asked = await hall.submit(world.caller, call("put", within));
      expect(asked.view.sentence).toContain("schema-additionalProperties at `/password/[redacted: credential-field]`");
      await tellAll(asked);
      const seen = await hall.submit(world.caller, call("look", { marker: "named-5" }));
      await until("its outcome", async () => (await stateOf(seen.view.id)) === "done");
      await tellAll(seen);
      expect(told.at(-1)).toContain("/structuredContent/state/[redacted: github]");
      await decisionLog.close();
      expect(collector.events.length).toBeGreaterThanOrEqual(6);
      told.push(JSON.stringify(collector.events));
    } finally {
      await hall.drain(0);
      await decisionLog.close();
      await collector.close();
    }
    const all = told.join("\n");
    expect(all).toContain("schema-additionalProperties");
    for (const secret of [canary, slashed, long, scrambled]) {
      const escaped = secret.replaceAll("~", "~0").replaceAll("/", "~1");
      for (const form of [secret, escaped, secret.slice(0, 12), escaped.slice(0, 12)]) expect(all).not.toContain(form);
    }
  }, 60_000);

  it("MT-25 a result of another type than its tool declares is recorded as an error, with the result", async () => {
    const { control, hall } = world.base;
    const right = await hall.submit(world.caller, call("look", { marker: "typed" }));
    expect(right.view).toMatchObject({ state: "done", isError: false, sentence: "it ran once" });
    const wrong = await hall.submit(world.caller, call("look", { marker: "typed", how: "mistype" }));
    const sentence = "it ran; its result is not of the type that the tool declares";
    expect(wrong.view).toMatchObject({ state: "done", isError: true, sentence });
    await until("its outcome", async () => (await stateOf(wrong.view.id)) === "done");
    expect(await hall.get(world.caller, wrong.view.id)).toMatchObject({ isError: true, sentence });
    const receipt = await readReceipt(control.parts, wrong.view.id);
    expect(receipt.what).toMatchObject({ isError: true, result: { structuredContent: { state: 7 } } });
    const schemas = receipt.checks.filter((check) => check.name === "schema");
    expect(schemas.map(({ stage, verdict }) => `${stage} ${verdict}`)).toEqual(["arguments pass", "result fail"]);
  });

  it("a result whose check fails to run is withheld, and the action is done", async () => {
    const { checking } = world.base.control.parts;
    const replica = await openReplica();
    const { openHall } = await import("./open-hall.ts");
    for (const broken of ["throws", "errors"]) {
      const hall = openHall({
        ...replica.parts,
        checking: {
          ...checking,
          run: async (names, input) => {
            if (input.stage !== "result") return checking.run(names, input);
            if (broken === "throws") throw new Error("the check broke");
            return [{ name: "secrets", verdict: "error", evidence: [], argsDigest: "", at: "" } as never];
          },
        },
      });
      const { view, answer: given } = await hall.submit(world.caller, call("put", { marker: `withheld-${broken}` }));
      expect(view.state).toBe("done");
      expect(JSON.stringify(given)).toContain("withheld");
      expect(JSON.stringify(given)).not.toContain("there");
      await hall.drain(10);
    }
  });

  it("a run that is closed, or another agent's, takes no calls", async () => {
    const { control, hall } = world.base;
    const run = await openRun(control, bo, { agent: world.caller.agent, task: "tidy" });
    const asked = await hall.submit(world.caller, call("put", { marker: "run-3" }, { run: run.id }));
    expect(asked.view).toMatchObject({ state: "done", run: run.id });
    await closeRun(control, bo, run.id);
    const closed = hall.submit(world.caller, call("put", { marker: "run-4" }, { run: run.id }));
    await expect(closed).rejects.toMatchObject({ code: "conflict" });
  });
});
