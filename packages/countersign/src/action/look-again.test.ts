import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { type Recorder, startRecorder } from "../../../../test/faults/recorder.ts";
import { ana, bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { answer, issueAgentKey, revokeAgentCredential, showApproval } from "../governance/index.ts";
import { lookAgain, looksOf, mostKnown } from "./look-again.ts";
import type { Parts } from "./parts.ts";
import { resume } from "./resume.ts";

/** The way to an upstream: it can be down, as where the upstream restarts. */
interface Way {
  readonly url: string;
  down(): Promise<void>;
  up(): Promise<void>;
}

async function openWay(to: string): Promise<Way> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const up = async () => {
    const opened = createServer((one) => {
      const other = connect(Number(new URL(to).port), "127.0.0.1");
      for (const socket of [one, other]) {
        sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => [one, other].map((each) => each.destroy()));
      }
      one.pipe(other).pipe(one);
    });
    await new Promise<void>((resolve) => opened.listen(port, "127.0.0.1", resolve));
    port = (opened.address() as { port: number }).port;
    server = opened;
  };
  const down = async () => {
    const closed = new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await closed;
    server = undefined;
  };
  await up();
  return { url: `http://127.0.0.1:${port}/mcp`, down, up };
}

let base: TestDatabase;
let world: World;
let recorder: Recorder;
let way: Way;
const folder = mkdtempSync(join(tmpdir(), "countersign-look-"));
beforeAll(async () => {
  base = await openTestDatabase();
  recorder = await startRecorder(join(folder, "effects.jsonl"));
  way = await openWay(recorder.url);
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    captures: true,
    approvals: 2,
    recorder: { ...recorder, url: way.url },
  });
});
afterAll(async () => {
  await world?.close();
  await way?.down();
  await recorder?.close();
  await base?.close();
  rmSync(folder, { recursive: true, force: true });
});

let parts: Parts;
// Looks of one test are not those of another.
beforeEach(() => {
  parts = { ...world.base.control.parts, inFlight: new Map() };
});

async function held(marker: string, credential?: string): Promise<string> {
  const caller = credential === undefined ? world.caller : { ...world.caller, credential };
  const { view } = await world.base.hall.submit(caller, call("ask_put", { marker }), { waitMs: 0 });
  expect(view.state).toBe("held");
  return view.id;
}
/** Another write makes what is kept under the marker another than was recorded. */
async function move(marker: string): Promise<void> {
  const { view } = await world.base.hall.submit(world.caller, call("put", { marker }));
  expect(view.state).toBe("done");
}
const kindsOf = async (id: string) =>
  (await base.owner.query<{ kind: string }>("select kind from entry where subject = $1 order by step", [id])).rows.map(
    ({ kind }) => kind,
  );
async function rowOf(id: string): Promise<{ state: string; look: string | null; isFree: boolean } | undefined> {
  const text = `select state, look_at::text as look, claimed_by is null as "isFree" from open_action where id = $1`;
  return (await base.owner.query<{ state: string; look: string | null; isFree: boolean }>(text, [id])).rows[0];
}
const untouched = { state: "held", look: null, isFree: true };
const readsOf = async (marker: string, work: () => Promise<unknown>): Promise<number> => {
  const before = recorder.calls(marker);
  await work();
  return recorder.calls(marker) - before;
};
const deciding = (effect: "allow" | "deny"): Parts => ({
  ...parts,
  plane: {
    current: () => {
      const plane = world.base.control.keeper.current();
      return { ...plane, decide: (input) => ({ ...plane.decide(input), effect, requirements: [] }) };
    },
  },
});

describe("an upstream that is down", () => {
  it("did not change: what waits is shown as it was, and the first of two approvals stands", async () => {
    const id = await held("down");
    await lookAndAnswer(world.base.control, bo, { action: id, verdict: "approve", reason: "fine" });
    await until("its look", async () => (await rowOf(id))?.look === null && (await rowOf(id))?.isFree === true);
    const kinds = await kindsOf(id);
    await way.down();
    try {
      expect(await lookAgain(parts, id)).toBeUndefined();
      const shown = await showApproval(world.base.control, ana, id);
      expect(await lookAgain(parts, id, { isAnswer: true })).toBeUndefined();
      // It went down after the first read.
      await resume(parts, id, "shown");
      await resume(parts, id, "answer");
      expect([await kindsOf(id), await rowOf(id)]).toEqual([kinds, untouched]);
      await way.up();
      const { callDigest, shownDigest = "" } = shown;
      await answer(world.base.control, ana, {
        action: id,
        verdict: "approve",
        reason: "fine",
        callDigest,
        shownDigest,
      });
      await until("its run", async () => (await world.base.hall.get(world.caller, id)).state === "done");
    } finally {
      await way.down();
      await way.up();
    }
  });

  it("refuses nothing where what cannot be undone is denied", async () => {
    const id = await held("down-denied");
    await way.down();
    try {
      for (const isAnswer of [false, true]) {
        expect(await lookAgain(deciding("deny"), id, { isAnswer })).toBeUndefined();
        await resume(deciding("deny"), id, isAnswer ? "answer" : "shown");
        expect([await rowOf(id), await kindsOf(id)]).toEqual([untouched, ["held"]]);
      }
    } finally {
      await way.up();
    }
  });

  it("is told from one that answers with an error", async () => {
    const id = await held("error");
    const failing = {
      call: async () => ({ kind: "answered", result: { content: [], isError: true } }) as const,
    };
    expect(await lookAgain({ ...parts, connector: failing }, id)).toBe("target");
    expect(await kindsOf(id)).toEqual(["held", "held"]);
  });
});

describe("a look", () => {
  it.each(["allow", "deny"] as const)("leads to nothing where policy says %s now; an answer may", async (effect) => {
    const id = await held(`moved-${effect}`);
    await move(`moved-${effect}`);
    expect(await lookAgain(deciding(effect), id)).toBe("target");
    expect([await rowOf(id), await kindsOf(id)]).toEqual([untouched, ["held"]]);
    await base.owner.query("update open_action set look_at = 'infinity' where id = $1", [id]);
    await resume(deciding(effect), id, "shown");
    expect(await rowOf(id)).toEqual({ ...untouched, look: "infinity" });
    await resume(deciding(effect), id, "answer");
    expect((await rowOf(id))?.look).not.toBe("infinity");
  });

  it("does not change when it is taken up, also where nothing changed or it fails", async () => {
    const id = await held("stood");
    await base.owner.query("update open_action set look_at = 'infinity' where id = $1", [id]);
    await resume(parts, id, "shown");
    const failing: Parts = {
      ...parts,
      plane: {
        current: () => {
          throw new Error("nothing is in force");
        },
      },
    };
    await resume(failing, id, "shown");
    expect(await rowOf(id)).toEqual({ ...untouched, look: "infinity" });
  });

  it("refuses nothing whose time is over, whose agent is gone or whose tool is gone", async () => {
    const over = await held("over");
    const gone = await held("gone");
    await move("over");
    // What is over is for the housekeeping, which is not to come first here.
    const later: Parts = { ...parts, ledger: Object.create(parts.ledger, { now: { value: () => Date.now() + 1e9 } }) };
    expect(await lookAgain(later, over, { isAnswer: true })).toBeUndefined();
    await resume(later, over, "shown");
    const plane = () => world.base.control.keeper.current();
    await resume({ ...parts, plane: { current: () => ({ ...plane(), caller: () => undefined }) } }, gone, "shown");
    await resume({ ...parts, plane: { current: () => ({ ...plane(), tool: () => undefined }) } }, gone, "shown");
    for (const id of [over, gone]) expect([await rowOf(id), await kindsOf(id)]).toEqual([untouched, ["held"]]);
  });
});

describe("many looks", () => {
  it("of the same time read once, and so do showings within three seconds; an answer reads", async () => {
    const id = await held("many");
    let tick = 0;
    const timed: Parts = { ...parts, clock: { ...parts.clock, tick: () => tick } };
    const shown = () => lookAgain(timed, id);
    const answers = () => lookAgain(timed, id, { isAnswer: true });
    const together = (work: () => Promise<unknown>) => () => Promise.all(Array.from({ length: 20 }, work));
    expect(await readsOf("many", together(shown))).toBe(1);
    tick = 2_999;
    expect(await readsOf("many", shown)).toBe(0);
    expect(await readsOf("many", together(answers))).toBe(1);
    expect(await readsOf("many", answers)).toBe(1);
    expect(await readsOf("many", shown)).toBe(0);
    tick = 5_999;
    expect(await readsOf("many", () => Promise.all([shown(), answers(), shown(), answers()]))).toBe(1);
  });

  it("an answer reads also where a look is under way that reads nothing", async () => {
    const id = await held("anew");
    await move("anew");
    expect(await lookAgain(parts, id)).toBe("target");
    const again: Parts = { ...parts, inFlight: new Map() };
    const answers = () => lookAgain(again, id, { isAnswer: true });
    expect(await readsOf("anew", () => Promise.all([lookAgain(again, id), answers(), answers()]))).toBe(1);
  });

  it("read nothing under a key that was revoked once that is marked; an answer does", async () => {
    const { control } = world.base;
    const { credential } = await issueAgentKey(control, ana, { agent: "robot", environment: "sandbox" });
    const id = await held("revoked", credential);
    await revokeAgentCredential(control, ana, credential, "it leaked");
    await until("its mark", async () => (await kindsOf(id)).length === 2);
    await until("its rest", async () => (await rowOf(id))?.isFree === true);
    const later = { ...parts, ledger: Object.create(parts.ledger, { now: { value: () => Date.now() + 60_000 } }) };
    expect(await readsOf("revoked", () => lookAgain(later, id))).toBe(0);
    expect(await readsOf("revoked", () => lookAgain(later, id, { isAnswer: true }))).toBe(1);
  });

  it("are not kept for good", async () => {
    let tick = 0;
    const timed: Parts = { ...parts, clock: { ...parts.clock, tick: () => tick } };
    const many = async (from: number, count: number) => {
      for (let at = from; at < from + count; at += 100)
        await Promise.all(Array.from({ length: 100 }, (_, more) => lookAgain(timed, `act_none${at + more}`)));
    };
    await many(0, mostKnown + 100);
    expect(looksOf(timed).size).toBe(mostKnown);
    tick = 3_000;
    await many(mostKnown + 100, 100);
    expect(looksOf(timed).size).toBe(100);
  });
});
