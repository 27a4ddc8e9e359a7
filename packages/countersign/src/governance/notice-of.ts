import { loadSubmitted } from "../action/get.ts";
import type { OpenAction } from "../action/index.ts";
import type { Tx } from "../db/db.ts";
import { deeds, type PersonCaller } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import type { Notice, NoticeBody, NoticeType, WatchedRow } from "../notify/index.ts";
import type { Control } from "./control.ts";
import type { NewsRow, UntoldAlert } from "./notice-sql.ts";
import { mayAnswer } from "./show-approval.ts";

type Told = Pick<Control, "parts" | "keeper" | "hall">;

/** A person of the workspace in force, as the table of permissions asks about them; undefined where there is no such person. */
export function personOf({ keeper }: Pick<Control, "keeper">, email: string): PersonCaller | undefined {
  const found = keeper.loaded().directory.people.get(email);
  if (found === undefined) return undefined;
  const { name, roles, groups } = found;
  return { kind: "person", email, name, roles, groups, credential: "none", method: "slack" };
}

/** Who may answer an open question now, each by their own address. */
export function askedPeople(control: Control, open: OpenAction): readonly string[] {
  const plane = control.parts.plane.current();
  const all = open.requirements.flatMap((one) => (one.kind === "approval" ? plane.asked(one.from, open.workflow) : []));
  return [...new Set(all)].filter((email) => {
    const person = personOf(control, email);
    return person !== undefined && mayAnswer(control, person, open);
  });
}

/** A notice about an open question. */
export function questionNotice(
  type: Extract<NoticeType, `approval.${string}`>,
  open: OpenAction,
  more: {
    readonly event: string;
    readonly people: readonly string[];
    readonly mayAnswer?: boolean;
    /** Instead of why it is asked. */
    readonly sentence?: string;
  },
): Notice {
  const use = `${open.server}.${open.tool} on ${open.target}`;
  const { undoes } = open;
  const what =
    undoes === undefined
      ? `${open.agent} wants to use ${use}`
      : `${undoes.by ?? open.agent} asks to undo ${undoes.action}, with ${use}`;
  const headline = {
    "approval.asked": `Asked: ${what}`,
    "approval.lapsing": `About to lapse: ${what}`,
    "approval.escalated": `Escalated, nobody has answered: ${what}`,
    "approval.voided": `An approval no longer counts: ${what}`,
    "approval.ended": `Ended: ${what}`,
  }[type];
  return {
    event: more.event,
    type,
    subject: open.id,
    workflow: open.workflow,
    body: {
      headline,
      path: `/inbox/${open.id}`,
      workflow: open.workflow,
      agent: open.agent,
      tool: `${open.server}.${open.tool}`,
      verb: open.verb,
      target: open.target,
      environment: open.environment,
      sentence: more.sentence ?? open.sentence,
      ...(open.expiresAt === undefined ? {} : { expiresAt: open.expiresAt }),
      people: more.people,
      ...(more.mayAnswer === true ? { mayAnswer: true as const } : {}),
    },
  };
}

/** How a question ended, for those who answered it. */
export async function endedNotice(control: Told, row: NewsRow, { answered }: WatchedRow): Promise<Notice> {
  const view = await viewOf(control, row.subject);
  const how = {
    done: "was done",
    failed: "did not happen",
    refused: "was refused",
    unknown: "may or may not have happened",
  };
  const word = how[row.to_state as keyof typeof how] ?? "ended";
  const tool = row.tool ?? view?.tool ?? "";
  return {
    event: `approval.ended:${row.subject}`,
    type: "approval.ended",
    subject: row.subject,
    ...(row.workflow === null ? {} : { workflow: row.workflow }),
    body: {
      headline: `Ended: ${view?.reverses === undefined ? "" : `the undo of ${view.reverses}, `}${tool} by ${row.agent ?? "an agent"} ${word}`,
      path: `/actions/${row.subject}`,
      ...factsOfRow(row),
      ...(view === undefined ? {} : { target: view.target, environment: view.environment, sentence: view.sentence }),
      people: answered,
    },
  };
}

export async function unknownNotice(control: Told, row: NewsRow): Promise<Notice> {
  const { parts } = control;
  const view = await viewOf(control, row.subject);
  const dri = row.workflow === null ? "" : parts.plane.current().dri(row.workflow);
  return {
    event: `action.unknown:${row.subject}:${row.step}`,
    type: "action.unknown",
    subject: row.subject,
    ...(row.workflow === null ? {} : { workflow: row.workflow }),
    body: {
      headline: `Unknown: nobody knows whether ${row.tool ?? "a call"} happened`,
      path: `/unknowns/${row.subject}`,
      ...factsOfRow(row),
      ...(view === undefined ? {} : { target: view.target, environment: view.environment, sentence: view.sentence }),
      people: dri === "" ? [] : (parts.plane.current().told?.(dri, row.workflow ?? "") ?? []),
    },
  };
}

function factsOfRow({ agent, workflow, tool }: NewsRow): Pick<NoticeBody, "agent" | "workflow" | "tool"> {
  return {
    ...(agent === null ? {} : { agent }),
    ...(workflow === null ? {} : { workflow }),
    ...(tool === null ? {} : { tool }),
  };
}

/** Undefined where its content was erased, or cannot be read: it is told all the same, with less. */
async function viewOf({ parts }: Told, action: string) {
  return loadSubmitted(parts, action).then(
    ({ view }) => view,
    () => undefined,
  );
}

/** Whoever may operate the plane is told of what is wrong with it. */
export function operators({ keeper }: Pick<Control, "keeper">): readonly string[] {
  const people = [...keeper.loaded().directory.people.values()];
  return people.filter(({ roles }) => roles.includes("operator") || roles.includes("admin")).map(({ email }) => email);
}

export function alertNotice(control: Told, alert: UntoldAlert): Notice {
  const { id, kind, sentence, workflow } = alert;
  const told = { event: `alert.raised:${id}`, type: "alert.raised", subject: id } as const;
  const path = `/alerts/${id}`;
  if (workflow === null)
    return { ...told, body: { headline: `Alert: ${kind}`, path, sentence, people: operators(control) } };
  // Broken glass.
  const headline = kind === "break-glass" ? "Break-glass: somebody answered alone" : "Break-glass: nobody reviewed it";
  const people = reviewers(control, workflow);
  return { ...told, workflow, body: { headline, path: "/inbox/glass", workflow, sentence, people } };
}

/** Whoever reviews broken glass: the DRI of its workflow, admins, operators and auditors. */
function reviewers({ keeper, parts }: Told, workflow: string): readonly string[] {
  const plane = parts.plane.current();
  const dri = plane.dri(workflow);
  const own = dri === "" ? [] : [dri, ...(plane.told?.(dri, workflow) ?? [])];
  const people = [...keeper.loaded().directory.people.values()];
  const able = people.filter(({ roles }) => roles.some((one) => deeds["review-glass"].roles.some((it) => it === one)));
  return [...new Set([...own, ...able.map(({ email }) => email)])];
}

interface StopPayload {
  readonly stop?: { readonly id: string; readonly scope: string; readonly name: string; readonly reason: string };
  readonly reason?: string;
}

export async function stopNotice(control: Told, tx: Tx, row: NewsRow): Promise<Notice | undefined> {
  const { entries } = await readSubject(tx, row.subject, control.parts.wrap);
  const { stop, reason } = (entries.find(({ entry }) => entry.step === row.step)?.payload ?? {}) as StopPayload;
  if (stop === undefined) return undefined;
  const isLifted = row.kind === "lifted";
  const what = stop.scope === "everything" ? "everything" : `${stop.scope} ${stop.name}`;
  const workflow = stop.scope === "workflow" ? { workflow: stop.name } : {};
  return {
    event: `${isLifted ? "stop.lifted" : "stop.taken"}:${row.subject}`,
    type: isLifted ? "stop.lifted" : "stop.taken",
    subject: stop.id,
    ...workflow,
    body: {
      headline: isLifted ? `Lifted: ${what} is no longer stopped` : `Stopped: ${what}`,
      path: `/stops/${stop.id}`,
      ...workflow,
      sentence: `${row.person ?? "somebody"}: ${isLifted ? (reason ?? "") : stop.reason}`,
      people: operators(control),
    },
  };
}
