import type { Confidentiality, FlowFacts, Origin } from "@countersign/contract";
import type { CallFlow, Destination } from "../catalog/index.ts";
import { endorses } from "./endorse.ts";
import type { Mark } from "./mark.ts";

const mostSources = 32;

/** Of a run that nobody opened nothing is known but that anybody may have told it what to do. */
export function factsUnopened({ effect, destinations, result }: CallFlow, isUndo: boolean): FlowFacts {
  const origin = ({ value, endorse }: Destination): Origin =>
    isUndo || (endorse !== undefined && endorses(endorse, value)) ? "endorsed" : "none";
  return {
    effect,
    brings: result.confidentiality,
    tainted: true,
    sources: [],
    read: ["personal", "secret"],
    beyond: ["personal", "secret"],
    ...placed(destinations, origin, isUndo ? "endorsed" : "none"),
  };
}

/** `known` tells where a value came from; an undo goes where its deed went, which nobody chooses. */
export function factsOf(
  { effect, destinations, result }: CallFlow,
  marks: readonly Mark[],
  known: (destination: Destination) => Origin,
  isNamed: { readonly undo: boolean; readonly planned: boolean; readonly approved: boolean; readonly done: boolean },
  beyond: (read: readonly Confidentiality[]) => readonly Confidentiality[],
): FlowFacts {
  const taints = marks.filter((mark) => mark.kind === "taint");
  const read = [...new Set(marks.flatMap((mark) => (mark.kind === "read" ? [mark.label] : [])))].sort();
  const confidential = read as readonly Confidentiality[];
  const kept = confidential.filter((label) => label === "personal" || label === "secret");
  return {
    effect,
    brings: result.confidentiality,
    tainted: taints.length > 0,
    sources: taints.slice(0, mostSources).map(({ tool, action }) => (action === "" ? { tool } : { tool, action })),
    read: confidential,
    // Only of what leaves it matters, and of that what is confidential.
    beyond: effect === "egress" && kept.length > 0 && !isNamed.undo ? beyond(kept) : [],
    ...placed(
      destinations,
      isNamed.undo ? () => "endorsed" : isNamed.approved ? orApproved(known) : known,
      isNamed.undo ? "endorsed" : isNamed.planned ? "task" : "none",
      isNamed.done && !isNamed.undo,
    ),
  };
}

/** What a task or a rule says stays what it is. */
function orApproved(known: (destination: Destination) => Origin): (destination: Destination) => Origin {
  return (destination) => {
    const origin = known(destination);
    return origin === "task" || origin === "endorsed" ? origin : "approved";
  };
}

/** To do the same once more, where nothing undoes it, is a place that neither a task nor a yes to the first has named. */
export const again = "a second time";

/** Of several values in one argument the worst origin counts. A call that names no place was asked for by nobody, unless a plan names it. */
function placed(
  destinations: readonly Destination[],
  known: (destination: Destination) => Origin,
  ofNone: Origin,
  isAgain = false,
): Pick<FlowFacts, "origins" | "destinations"> {
  const found: { [argument: string]: Origin } = {};
  for (const destination of destinations) {
    const origin = known(destination);
    found[destination.at] = worstOf(origin, found[destination.at]);
  }
  if (isAgain) found[again] = "none";
  const origins = destinations.length === 0 ? [ofNone] : [...new Set(Object.values(found))].sort();
  return { origins, destinations: found };
}

const worst: readonly Origin[] = ["none", "untrusted", "trusted", "approved", "endorsed", "task"];

/** Of two values under one name. */
export function worstOf(origin: Origin, before: Origin | undefined): Origin {
  return before === undefined || worst.indexOf(origin) < worst.indexOf(before) ? origin : before;
}
