import type { AlertKind } from "@countersign/contract";

/** What an alert is about in plain words, what to do, and where. */
export interface Advice {
  readonly what: string;
  readonly remedy: string;
  readonly to?: (subject: string) => string;
  /** It goes away by itself when its cause does; some only then. */
  readonly byItself: boolean;
}

const advice: Readonly<Record<AlertKind, Advice>> = {
  "answers-late": {
    what: "People answer later than the workspace wants",
    remedy:
      "Look at who is asked what, and how often. Have fewer questions, with batches, grants or a rule that asks only where it matters, or more people who may answer.",
    to: () => "/inbox/report",
    byItself: true,
  },
  "answers-at-risk": {
    what: "People will soon answer later than the workspace wants",
    remedy: "Answer what has waited longest. If it is missed, another alert says so.",
    to: () => "/inbox",
    byItself: true,
  },
  "break-glass": {
    what: "Break-glass: somebody answered a request alone",
    remedy:
      "Look at what was done and why, and say what you found. Whoever broke the glass cannot; the alert ends with the review.",
    to: () => "/inbox/glass",
    byItself: true,
  },
  "glass-overdue": {
    what: "Break-glass: nobody has reviewed it in time",
    remedy: "Look at what was done and why, and say what you found. The alert ends with the review.",
    to: () => "/inbox/glass",
    byItself: true,
  },
  unknown: {
    what: "A call was sent and its answer was lost",
    remedy: "Look at the target, and say whether it happened. The alert ends with your answer.",
    to: (subject) => `/unknowns/${subject}`,
    byItself: true,
  },
  log: {
    what: "The ledger does not move as it should",
    remedy:
      "Look at the server's log and at the database. What is not sealed yet cannot be proved to others; nothing is lost.",
    to: () => "/ledger",
    byItself: true,
  },
  anchor: {
    what: "A place outside does not take checkpoints",
    remedy:
      "Look whether it can be reached and may be written to. Checkpoints are made all the same, and are sent when it answers.",
    to: () => "/ledger",
    byItself: true,
  },
  waiver: {
    what: "A tier that was signed for some days ends soon",
    remedy: "Let it end, or ask for it again on the workflow's page; a second person signs.",
    to: () => "/workflows",
    byItself: true,
  },
  budget: {
    what: "A workflow has used most of its day",
    remedy: "Look at its runs. It is refused when the day's calls are used up, and begins anew at midnight, UTC.",
    to: (subject) => `/workflows/${encodeURIComponent(subject)}`,
    byItself: true,
  },
  clock: {
    what: "This machine's clock and the database's differ",
    remedy: "Set the machine's clock by NTP. Times in the ledger are the database's.",
    byItself: true,
  },
  orphan: {
    what: "An agent's owner is gone, and it is frozen",
    remedy: "Give it another owner in countersign.yaml and apply that, or take the agent out.",
    to: (subject) => `/agents/${encodeURIComponent(subject)}`,
    byItself: true,
  },
  observed: {
    what: "Calls pass that would have been refused or asked about",
    remedy:
      "Their workflow, or a rule, is only observed. Look at its runs; write `mode: enforce` and apply it when its rules say what you mean.",
    to: (subject) => `/workflows/${encodeURIComponent(subject)}`,
    byItself: true,
  },
  notice: {
    what: "Notices did not arrive",
    remedy: "Look why they were given up, mend the channel, and send the dead letters again.",
    to: () => "/notices?state=dead",
    byItself: true,
  },
  "shared-key": {
    what: "A key of an agent seems to have two users",
    remedy:
      "`npx countersign agent keys` says in what they differ. Where nobody can explain it, rotate the key, put the new one in its place and revoke the old one; where somebody can, settle this: it is raised again only for a user whom nobody had seen by then.",
    to: () => "/agents",
    byItself: true,
  },
  moved: {
    what: "An action may run, and does not come to it",
    remedy: "Rules or windows move under it again and again. It stays held: wait until they rest, or cancel it.",
    to: (subject) => `/actions/${subject}`,
    byItself: true,
  },
  contradiction: {
    what: "A late answer says another thing than the record",
    remedy: "Look at the target: what was settled may not be what happened. The record stays as it is.",
    to: (subject) => `/actions/${subject}`,
    byItself: false,
  },
  connection: {
    what: "A connection to an upstream has to be made again",
    remedy: "Whoever made it, or whose it is, connects anew with the command that the alert names.",
    byItself: true,
  },
  restored: {
    what: "The database was restored, and everything is stopped",
    remedy: "Look what is missing since the backup was made, then have the stop lifted.",
    to: () => "/stops",
    byItself: false,
  },
  preservation: {
    what: "A legal hold ends soon",
    remedy: "Ask who asked for it. From its end on, what it kept may be erased.",
    byItself: true,
  },
  "invariants-unproven": {
    what: "Tools stay out of force",
    remedy:
      "The rules in force are not proven with them. Look at the counter-example with `npx countersign policy prove`, and change a rule or an invariant.",
    to: () => "/policies?view=draft",
    byItself: true,
  },
  policy: {
    what: "A policy set was closed, and decides nothing",
    remedy:
      "Two engines differed about it. Read what they differed in, then go back to an earlier revision; settling this lets it decide again.",
    to: () => "/policies?view=history",
    byItself: false,
  },
};

const other: Advice = {
  what: "Something that people should look at",
  remedy: "Read it, do what it needs, and say what you did.",
  byItself: false,
};

/** A server may tell of a kind that this page does not know yet. */
export function adviceFor(kind: string): Advice {
  return Object.hasOwn(advice, kind) ? advice[kind as AlertKind] : other;
}
