import type { ActionReceipt, RunView } from "@countersign/client";

/** One hand that touched an action, or stands behind one that did. */
export interface Hand {
  readonly kind: "person" | "agent" | "plane" | "system";
  readonly who: string;
  readonly did: string;
  readonly at?: string;
  /** Where it is recorded. */
  readonly to?: string;
}

export interface Traces {
  readonly receipt: ActionReceipt;
  /** Absent where it could not be read. */
  readonly run?: RunView | undefined;
  /** The process of the plane that wrote each entry, by step; from the verified bundle. */
  readonly writers?: readonly string[] | undefined;
  /** The receipt of the action that undid this one. */
  readonly undo?: ActionReceipt | undefined;
}

/** Every hand from the one that set the agent to work to the one that undid what it did; nobody is blamed, nobody is left out. */
export function handsOn({ receipt, run, writers, undo }: Traces): readonly Hand[] {
  const { what, approvals } = receipt;
  return [
    ...before(receipt, run),
    ...asking(receipt),
    ...approvals.answers.map((answer): Hand => answered(answer)),
    ...moves(receipt, writers),
    ...(undo === undefined ? [] : undone(undo)),
    ...(undo === undefined && receipt.reversal.reversedBy !== undefined
      ? [{ kind: "agent", who: what.agent, did: "undid it", to: `/actions/${receipt.reversal.reversedBy}` } as const]
      : []),
  ];
}

function before({ what, policy }: ActionReceipt, run: RunView | undefined): readonly Hand[] {
  const { inForce } = policy;
  const opened = run?.opened;
  return [
    ...one(what.dri, "answers for the workflow"),
    ...one(what.owner, "owns the agent"),
    ...(inForce === undefined ? [] : ruled(inForce)),
    ...(opened == null
      ? []
      : [
          {
            kind: opened.trusted ? "person" : "agent",
            who: opened.by,
            did: opened.task === null ? "opened its run" : "opened its run and gave the task",
            at: opened.at,
            to: `/runs/${what.run}`,
          } as const,
        ]),
    ...(opened === null
      ? [
          {
            kind: "plane",
            who: "the plane",
            did: "made up its run: nobody opened one",
            to: `/runs/${what.run}`,
          } as const,
        ]
      : []),
  ];
}

function ruled({ by, signedBy, at, receipt }: NonNullable<ActionReceipt["policy"]["inForce"]>): readonly Hand[] {
  const to = receipt === undefined ? {} : { to: `/actions/${receipt.split("/").at(-1) ?? ""}` };
  return [
    by.includes("@")
      ? { kind: "person", who: by, did: "put the rules in force", at, ...to }
      : { kind: "plane", who: "the plane", did: "put the rules in force at its first start", at, ...to },
    ...(signedBy === null ? [] : [{ kind: "person", who: signedBy, did: "signed the rules", ...to } as const]),
  ];
}

function one(who: string, did: string): readonly Hand[] {
  return who === "" ? [] : [{ kind: "person", who, did }];
}

function asking({ what, approvals, reversal }: ActionReceipt): readonly Hand[] {
  const undoer = what.undoes?.by;
  const { editOf } = what;
  const did =
    editOf !== undefined
      ? "asked for the call that it was made of"
      : reversal.reverses === undefined
        ? "asked for it"
        : "was asked to undo an earlier action with it";
  const at = what.moves[0]?.at ?? "";
  return [
    ...(undoer === undefined
      ? what.onBehalfOf === undefined
        ? []
        : one(what.onBehalfOf, "had the agent act")
      : one(undoer, "asked to undo an earlier action")),
    {
      kind: "agent",
      who: what.agent === "" ? "somebody unknown" : what.agent,
      did,
      ...(editOf === undefined ? { at } : { to: `/actions/${editOf.action}` }),
    },
    ...(editOf === undefined
      ? []
      : [{ kind: "person", who: editOf.by, did: "edited that call into this one", at } as const]),
    ...[...new Set(approvals.answers.flatMap((answer) => texts(answer.vouchedBy)))].map(
      (who): Hand => ({ kind: "person", who, did: "let in somebody who answered" }),
    ),
  ];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function answered(answer: ActionReceipt["approvals"]["answers"][number]): Hand {
  const { person, verdict, as, at, breakGlass } = answer;
  const did = `${breakGlass === undefined ? "" : "by break-glass, alone, "}${verdict === "approve" ? "approved it" : "denied it"}${typeof as === "string" ? ` ${as}` : ""}`;
  return { kind: "person", who: person, did, ...(typeof at === "string" ? { at } : {}) };
}

/** What people and processes did to it besides answering. */
function moves({ what, data, disclosed }: ActionReceipt, writers: readonly string[] = []): readonly Hand[] {
  return what.moves.flatMap((move, step): readonly Hand[] => {
    const { at, to, kind, person } = move;
    const isAnswer = kind === "approved" || kind === "glass" || kind === "denied";
    if (kind === "replied") return [{ kind: "agent", who: what.agent, did: "replied to what it was asked back", at }];
    if (person !== undefined && kind === "refused")
      return [{ kind: "person", who: person, at, ...ended(what, disclosed) }];
    if (person !== undefined && !isAnswer) return [{ kind: "person", who: person, did: deedOf(kind, to), at }];
    if (kind === "refused" && what.sentence.startsWith(`${what.agent} was refused (cancelled) `))
      return [{ kind: "agent", who: what.agent, did: "took it back", at }];
    const writer = writers[step];
    const process = writer === undefined ? "" : `, its process \`${writer}\``;
    if (to === "running")
      return [{ kind: "plane", who: "the plane", did: `let it through and sent it once${process}`, at }];
    if (kind === "outcome" && to === "done") return [{ kind: "system", who: data.system, did: "carried it out", at }];
    if (kind === "outcome" && to === "failed")
      return [{ kind: "plane", who: "the plane", did: `could not send it, so nothing happened${process}`, at }];
    if (to === "unknown") return [{ kind: "system", who: data.system, did: "never answered", at }];
    if (to === "refused" && !isAnswer) return [{ kind: "plane", who: "the plane", did: `refused it${process}`, at }];
    return [];
  });
}

function deedOf(kind: string, to: string | null): string {
  if (kind === "settled") return `found out what became of it: ${to ?? ""}`;
  if (kind === "asked") return "asked its agent back";
  return to === null ? kind : `${kind}: ${to}`;
}

/** What a person who ended a held action did to it: an edit leads to the call that came of it. */
function ended({ editedTo }: ActionReceipt["what"], isDisclosed: boolean): Pick<Hand, "did" | "to"> {
  if (editedTo !== undefined) return { did: "edited it into another call", to: `/actions/${editedTo.action}` };
  return { did: isDisclosed ? "cancelled it" : "ended it: how was erased" };
}

function undone(undo: ActionReceipt): readonly Hand[] {
  const to = `/actions/${undo.id}`;
  const at = undo.what.moves[0]?.at ?? "";
  const { onBehalfOf, agent } = undo.what;
  return [
    onBehalfOf === undefined
      ? { kind: "agent", who: agent, did: "undid it", at, to }
      : { kind: "person", who: onBehalfOf, did: "had it undone", at, to },
    ...undo.approvals.answers.map(
      (answer): Hand => ({ ...answered(answer), did: `${answered(answer).did}, the undo`, to }),
    ),
  ];
}
