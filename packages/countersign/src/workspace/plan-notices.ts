import type { Workflow } from "../workflows/index.ts";
import { differentMembers, type Say } from "./change.ts";
import type { NotificationSettings } from "./notifications.ts";

interface Told {
  readonly notifications: readonly NotificationSettings[];
}

/** Whoever is told gets to know what agents want to do. */
export function sayNotifications(was: Told, is: Told, say: Say): readonly "notifications"[] {
  const byName = ({ notifications }: Told) => new Map(notifications.map((one) => [one.name, one]));
  const [old, now] = [byName(was), byName(is)];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [before, after] = [old.get(name), now.get(name)];
    if (after === undefined) say(`\`${name}\` is told nothing any more`);
    else if (before === undefined)
      say(`\`${name}\` is told of ${after.on.join(", ")} by ${after.kind}${placeOf(after)}`, "unclear");
    else if (JSON.stringify(before) !== JSON.stringify(after)) say(`how \`${name}\` is told changes`, "unclear");
  }
  return ["notifications"];
}

function placeOf(one: NotificationSettings): string {
  if (one.kind === "webhook") return ` at \`${one.url}\``;
  if (one.kind === "email") return ` through \`${one.host}\``;
  return "";
}

/** Who else may come to answer, and where. */
export function sayEscalation(was: Workflow, is: Workflow, say: Say): readonly ("escalation" | "chat")[] {
  const may = ({ escalation }: Workflow) => escalation.filter((step) => step.mayAnswer);
  const since = (steps: Workflow["escalation"], to: string): number =>
    Math.min(...steps.filter((step) => step.to === to).map(({ afterMs }) => afterMs));
  const sooner = may(is).filter(({ to, afterMs }) => afterMs < since(may(was), to));
  const came = [...new Set(sooner.map(({ to }) => to))];
  const names = came.map((to) => `\`${to}\``).join(", ");
  const isNew = came.some((to) => since(may(was), to) === Number.POSITIVE_INFINITY);
  if (came.length > 0)
    say(`what waits long enough may be answered by ${names}${isNew ? "" : " sooner than before"}`, "wider");
  else if (differentMembers({ steps: may(was) }, { steps: may(is) }).length > 0)
    say("who may answer what waits long enough changes", "unclear");
  else if (differentMembers({ steps: was.escalation }, { steps: is.escalation }).length > 0)
    say("who is told of what waits changes");
  if (was.chat !== is.chat)
    say(
      is.chat === "off" ? "nothing is answered in Slack any more" : "what is of low risk may be answered in Slack",
      is.chat === "off" ? "none" : "wider",
    );
  return ["escalation", "chat"];
}
