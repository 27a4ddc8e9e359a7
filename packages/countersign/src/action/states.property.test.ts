import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { audit } from "../../../../test/faults/audit.ts";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { bo, cy } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type Replica, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { lift, stop } from "../governance/index.ts";
import { recover } from "./recover.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    timeoutMs: 2_000,
    asksLedger: true,
  });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

/** What is known of one run, from outside: what was asked for, and which stop is in force. */
interface Model {
  stopped: string | undefined;
  /** Markers whose approval was never given: they may not happen. */
  readonly unapproved: Set<string>;
  readonly stoppedAt: Map<string, boolean>;
}
interface Real {
  replica: Replica;
  readonly actions: string[];
  readonly markers: Map<string, string>;
  boundary: string | undefined;
}
type Command = fc.AsyncCommand<Model, Real>;

let count = 0;
const at = (real: Real, pick: number): string | undefined => real.actions[pick % Math.max(1, real.actions.length)];

async function openReal(): Promise<Real> {
  const real: Real = { replica: undefined as never, actions: [], markers: new Map(), boundary: undefined };
  real.replica = await cuttable(real);
  return real;
}

function cuttable(real: Real): Promise<Replica> {
  return world.replica({
    at: (point) => {
      if (point !== real.boundary) return;
      real.boundary = undefined;
      throw new Error("cut");
    },
  });
}

class Ask implements Command {
  readonly tool: "put" | "ask_put";
  constructor(tool: "put" | "ask_put") {
    this.tool = tool;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    const marker = `model-${++count}`;
    const submitted = await real.replica.hall
      .submit(world.caller, call(this.tool, { marker }), { waitMs: 0 })
      .catch(() => undefined);
    if (this.tool === "ask_put") model.unapproved.add(marker);
    if (submitted === undefined) return;
    real.actions.push(submitted.view.id);
    real.markers.set(submitted.view.id, marker);
    if (model.stopped !== undefined) expect(submitted.view.refusal).toBe("stopped");
    else if (this.tool === "ask_put") expect(submitted.view.state).toBe("held");
  }
  toString = () => `ask ${this.tool}`;
}

class Answer implements Command {
  readonly pick: number;
  readonly verdict: "approve" | "deny";
  constructor(pick: number, verdict: "approve" | "deny") {
    this.pick = pick;
    this.verdict = verdict;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    const action = at(real, this.pick);
    const open = action === undefined ? undefined : await real.replica.hall.open(action);
    if (action === undefined || open === undefined) return;
    const taken = await lookAndAnswer(real.replica.control, bo, { action, verdict: this.verdict, reason: "so" }).then(
      () => true,
      () => false,
    );
    if (model.stopped !== undefined) expect(taken).toBe(false);
    if (taken && this.verdict === "approve") model.unapproved.delete(real.markers.get(action) ?? "");
  }
  toString = () => `${this.verdict} ${this.pick}`;
}

class Stop implements Command {
  check = (model: Readonly<Model>) => model.stopped === undefined;
  async run(model: Model) {
    const request = { scope: "agent" as const, name: world.caller.agent, reason: "model" };
    model.stopped = (await stop(world.base.control, bo, request)).stop.id;
    model.stoppedAt.set(model.stopped, true);
  }
  toString = () => "stop";
}

class Lift implements Command {
  check = (model: Readonly<Model>) => model.stopped !== undefined;
  async run(model: Model) {
    await lift(world.base.control, cy, model.stopped ?? "", "over");
    model.stopped = undefined;
  }
  toString = () => "lift";
}

class Cancel implements Command {
  readonly pick: number;
  constructor(pick: number) {
    this.pick = pick;
  }
  check = () => true;
  async run(_: Model, real: Real) {
    const action = at(real, this.pick);
    if (action !== undefined) await real.replica.hall.cancel(world.caller, action, "model").catch(() => undefined);
  }
  toString = () => `cancel ${this.pick}`;
}

class Crash implements Command {
  readonly boundary: string;
  constructor(boundary: string) {
    this.boundary = boundary;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    real.boundary = this.boundary;
    await new Ask("put").run(model, real).catch(() => undefined);
    const writer = real.replica.parts.ledger.writer();
    await base.owner.query(
      "update writer_lease set expires_at = clock_timestamp() - interval '1 s' where writer = $1",
      [writer],
    );
    await recover(world.base.control.parts);
    await real.replica.close();
    real.boundary = undefined;
    real.replica = await cuttable(real);
  }
  toString = () => `crash ${this.boundary}`;
}

const commands = fc.commands(
  [
    fc.constantFrom("put" as const, "ask_put" as const).map((tool) => new Ask(tool)),
    fc
      .tuple(fc.nat(5), fc.constantFrom("approve" as const, "approve" as const, "deny" as const))
      .map(([pick, verdict]) => new Answer(pick, verdict)),
    fc.constant(new Stop()),
    fc.constant(new Lift()),
    fc.nat(5).map((pick) => new Cancel(pick)),
    fc.constantFrom("before_intent", "after_intent", "after_call", "after_outcome").map((point) => new Crash(point)),
  ],
  { maxCommands: 14 },
);

it("random sequences of calls, answers, stops, lifts, cancels and crashes keep every invariant", async () => {
  const unapproved = new Set<string>();
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const model: Model = { stopped: undefined, unapproved, stoppedAt: new Map() };
      const real = await openReal();
      await fc.asyncModelRun(() => ({ model, real }), sequence);
      if (model.stopped !== undefined) await lift(world.base.control, cy, model.stopped, "the end of a run");
      for (const action of real.actions) await real.replica.hall.cancel(bo, action, "the end").catch(() => undefined);
      await real.replica.close();
    }),
    { numRuns: 25, endOnFailure: true },
  );
  await until(
    "an end of what runs",
    async () => {
      const { rowCount } = await base.owner.query(
        `select 1 from entry e where e.to_state in ('running', 'unknown')
         and not exists (select 1 from entry n where n.subject = e.subject and n.step = e.step + 1) limit 1`,
      );
      return rowCount === 0;
    },
    60_000,
  );
  const effects = world.recorder.effects();
  expect((await audit(base.owner, effects, [])).violations).toEqual({
    duplicates: [],
    withoutIntent: [],
    lost: [],
    chain: [],
    untrue: [],
  });
  expect(effects.filter((effect) => unapproved.has(effect.marker))).toEqual([]);
  expect(effects.length).toBeGreaterThan(0);
}, 240_000);
