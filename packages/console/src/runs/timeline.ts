import type { TimedAction } from "@countersign/client";
import { spent } from "./cost.ts";

export const lanes = ["agent", "gate", "people", "systems"] as const;
export type Lane = (typeof lanes)[number];

/** One thing that somebody did in a run. */
export interface RunEvent {
  readonly action: string;
  /** Of all entries of the action, its own; -1 where the agent asked. */
  readonly step: number;
  readonly lane: Lane;
  readonly at: string;
  /** Since the event before it; 0 for the first. */
  readonly laterMs: number;
  readonly who: string;
  readonly did: string;
  /** What a machine said, apart from our own words. */
  readonly what?: string;
  readonly on?: string;
  /** A sentence of the plane about it. */
  readonly because?: string;
  /** What its action had cost by then, where it was sent at all. */
  readonly cost?: string;
  /** As `State` names its looks. */
  readonly looks: string;
}

/** Every move of these actions as something that the agent, the gate, a person or a system did, in the order of time. */
export function eventsOf(agent: string, actions: readonly TimedAction[]): readonly RunEvent[] {
  const all = actions
    .flatMap((action) => ofAction(agent, action))
    .map((event, at) => ({ event, at, ms: Date.parse(event.at) }))
    .sort((one, other) => one.ms - other.ms || one.at - other.at);
  return all.map(({ event, ms }, at) => ({ ...event, laterMs: at === 0 ? 0 : ms - (all[at - 1]?.ms ?? ms) }));
}

/** Moves that say what became of a call that was sent. */
const ends: ReadonlySet<string> = new Set(["outcome", "unknown"]);

type Event = Omit<RunEvent, "laterMs">;

function ofAction(agent: string, action: TimedAction): readonly Event[] {
  const [first] = action.moves;
  if (first === undefined) return [];
  const { id, tool, target, reverses } = action;
  const asked: Event = {
    action: id,
    step: -1,
    lane: "agent",
    at: first.at,
    who: agent,
    did: reverses === undefined ? "asked for" : "was asked to undo by",
    what: tool,
    ...(target === "" ? {} : { on: target }),
    looks: "received",
  };
  const moves = action.moves.flatMap((move, step): readonly Event[] => {
    const said = ofMove(agent, action, move);
    const cost = ends.has(move.kind) ? spent(action) : undefined;
    return said === undefined
      ? []
      : [{ action: id, step, at: move.at, ...said, ...(cost === undefined ? {} : { cost }) }];
  });
  return [asked, ...moves];
}

type Said = Pick<Event, "lane" | "who" | "did" | "because" | "looks">;

function ofMove(
  agent: string,
  action: TimedAction,
  { kind, to, person }: TimedAction["moves"][number],
): Said | undefined {
  const gate = (did: string, looks: string, because = ""): Said => ({
    lane: "gate",
    who: "the gate",
    did,
    looks,
    ...(because === "" ? {} : { because }),
  });
  const people = (did: string, looks: string): Said => ({ lane: "people", who: person ?? "somebody", did, looks });
  const system = (did: string, looks: string): Said => ({
    lane: "systems",
    who: action.system === "" ? "the system" : action.system,
    did,
    looks,
  });
  switch (kind) {
    case "submitted":
      return undefined;
    case "held":
      return person === null
        ? gate("held it", "held", action.requires.join("; "))
        : people("changed what it waits for", "held");
    case "approved":
      return people("approved it", "done");
    case "glass":
      return people("broke the glass: approved it alone", "done");
    case "denied":
      return people("denied it", "refused");
    case "asked":
      return people("asked the agent back", "held");
    case "replied":
      return { lane: "agent", who: agent, did: "replied", looks: "held" };
    case "ready":
      return gate("has all that it needs", "ready");
    case "intent":
      return gate("let it run", "running", checked(action));
    case "refused":
      if (person !== null) return people(endedBy[action.refusal ?? ""] ?? "refused it", "refused");
      return action.refusal === "cancelled"
        ? { lane: "agent", who: agent, did: "took it back", looks: "refused" }
        : gate(`refused it (${action.refusal ?? "policy"})`, "refused", checked(action));
    case "outcome":
      if (to === "failed") return system("was never reached: nothing happened", "failed");
      return action.isError === true ? system("answered with an error", "failed") : system("did it", "done");
    case "unknown":
      return system("did not answer", "unknown");
    case "settled":
      return person === null ? system(`turned out: ${to ?? ""}`, to ?? "") : people(`found out: ${to ?? ""}`, to ?? "");
    case "reversed":
      return gate("saw it undone", "reversed");
    default:
      return person === null ? gate(kind, to ?? "") : people(kind, to ?? "");
  }
}

/** What a person did who ended it otherwise than by an answer. */
const endedBy: Readonly<Record<string, string>> = {
  edited: "edited it into another call",
  cancelled: "cancelled it",
};

/** What its checks found: those that did not pass by name. */
function checked({ checks }: TimedAction): string {
  const bad = checks.filter(({ verdict }) => verdict !== "pass").map(({ name, verdict }) => `${name}: ${verdict}`);
  const names = new Set(checks.map(({ name }) => name)).size;
  if (bad.length > 0) return [...new Set(bad)].join(", ");
  return names === 0 ? "" : `${names} ${names === 1 ? "check" : "checks"} passed`;
}
