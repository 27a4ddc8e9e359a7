import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { insertNotices, keyOf, type Notice, type NoticeRow, noticeRows, type Outbox } from "../notify/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { rowsOf } from "./tell-news.ts";

const longestWaitMs = 25_000;

export interface PagedStep {
  readonly to: string;
  readonly afterMs: number;
  readonly mayAnswer: boolean;
  readonly people: readonly string[];
}

export interface TestPaged {
  /** Ledger subject of the record of it. */
  readonly entry: string;
  readonly isTest: true;
  readonly steps: readonly PagedStep[];
  readonly delivered: readonly { readonly notice: string; readonly channel: string; readonly person: string | null }[];
  readonly failed: readonly {
    readonly notice: string;
    readonly channel: string;
    readonly person: string | null;
    readonly why: string;
    readonly triesAgain: boolean;
  }[];
  /** People of these steps whom nothing reached. */
  readonly unreached: readonly string[];
}

/** Sends a page that says it is a test to the first step of a workflow's escalation, or to all of them, and says what became of it. */
export async function testPage(
  control: Control,
  outbox: Pick<Outbox, "deliver">,
  person: PersonCaller,
  request: { readonly workflow: string; readonly all: boolean },
): Promise<TestPaged> {
  const { workspace } = control.keeper.loaded();
  const workflow = workspace?.workflows.find(({ name }) => name === request.workflow);
  if (workflow === undefined)
    throw new Problem("not_found", `there is no workflow \`${request.workflow.slice(0, 100)}\` in force`);
  const permission = requireMay(person, "test-page", contextOf(control, { workflow: workflow.name }));
  if (workflow.escalation.length === 0)
    throw new Problem("conflict", "this workflow has no escalation", {
      help: "write one, such as `escalation: [ana@acme.example after 15m]`",
    });
  const told = control.parts.plane.current().told;
  const steps = workflow.escalation
    .toSorted((a, b) => a.afterMs - b.afterMs)
    .slice(0, request.all ? undefined : 1)
    .map((step): PagedStep => ({ ...step, people: told?.(step.to, workflow.name) ?? [] }));
  const page = newId("gov", control.parts.clock.now());
  const rows = steps.flatMap((step) => rowsOf(control, noticeOf(page, workflow.name, person.email, step)));
  const entry = await govern(control, {
    id: page,
    kind: "notice",
    person: person.email,
    workflow: workflow.name,
    payload: {
      deed: "test page",
      steps,
      notices: rows.map(({ id, channel, person: to }) => ({ id, channel, person: to })),
      as: permission.as,
    },
    raises: false,
    change: (tx) => insertNotices(tx, rows),
  });
  const ids = rows.map(({ id }) => id);
  await outbox.deliver(ids);
  const ended = await settled(control, ids);
  const named = ended.map(({ id: notice, channel, person: to, ...row }) => ({ notice, channel, person: to, row }));
  const delivered = named.filter(({ row }) => row.state === "sent").map(({ row: _, ...one }) => one);
  const failed = named
    .filter(({ row }) => row.state !== "sent")
    .map(({ row, ...one }) => ({
      ...one,
      why: row.fault ?? "it is on its way still",
      triesAgain: row.state === "waiting",
    }));
  const reached = new Set(delivered.map(({ person: to }) => to));
  const unreached = [...new Set(steps.flatMap(({ people }) => people))].filter(
    (one) => !reached.has(one) && !reached.has(null),
  );
  return { entry, isTest: true, steps, delivered, failed, unreached };
}

/** The rows once each was tried: this replica's round, or another's, may have taken one first. */
async function settled({ parts }: Control, ids: readonly string[]): Promise<readonly NoticeRow[]> {
  const until = parts.clock.tick() + longestWaitMs;
  for (;;) {
    const rows = await noticeRows(parts.db, ids);
    const isTried = rows.every(({ state, fault }) => state !== "waiting" || fault !== null);
    if (isTried || parts.clock.tick() > until) return rows;
    await sleep(50);
  }
}

function noticeOf(page: string, workflow: string, by: string, step: PagedStep): Notice {
  return {
    event: `test.page:${page}:${keyOf(step)}`,
    type: "test.page",
    subject: page,
    workflow,
    body: {
      headline: `This is a test of the escalation of ${workflow}: nothing waits for you`,
      path: `/workflows/${workflow}`,
      workflow,
      sentence: `${by} tests whether ${step.to} is reached. You need not do anything.`,
      people: step.people,
    },
  };
}
