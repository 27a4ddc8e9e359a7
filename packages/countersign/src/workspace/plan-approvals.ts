import { isHigher, list, namesBetween, type Say } from "./change.ts";
import type { Settings } from "./plan-organisation.ts";

/** How people's answers are kept good: with less of it, an approval is worth less. */
export function sayApprovals(
  { approvals: was }: Settings,
  { approvals: is }: Settings,
  say: Say,
): readonly "approvals"[] {
  if (was.perHour !== is.perHour)
    say(
      `one person may give ${is.perHour ?? "any number of"} approvals within an hour; it was ${was.perHour ?? "any number"}`,
      isHigher(was.perHour, is.perHour) ? "wider" : "none",
    );
  if (was.skimFloorMs !== is.skimFloorMs) {
    const isLess = (is.skimFloorMs ?? 0) < (was.skimFloorMs ?? 0);
    say(
      `a high risk that is looked at for less than ${seconds(is.skimFloorMs)} asks one more person; it was ${seconds(was.skimFloorMs)}`,
      isLess ? "wider" : "none",
    );
  }
  if (was.overflow !== is.overflow)
    say(
      is.overflow === "wait"
        ? "what is more than people may answer waits"
        : "what is more than people may answer is refused",
      "none",
    );
  if (was.canaries.share !== is.canaries.share)
    say(
      `${is.canaries.share * 100} % known-bad requests are seeded; it was ${was.canaries.share * 100} %`,
      is.canaries.share < was.canaries.share ? "wider" : "none",
    );
  if (was.canaries.withinMs !== is.canaries.withinMs) say("when seeded requests come changes");
  sayGlass(was.breakGlass, is.breakGlass, say);
  if (JSON.stringify(was.answerWithin) !== JSON.stringify(is.answerWithin))
    say(`people mean to answer ${goalText(is.answerWithin)}; it was ${goalText(was.answerWithin)}`, "none");
  return ["approvals"];
}

type Glass = Settings["approvals"]["breakGlass"];

/** Who may answer alone in place of all that are missing: whoever comes to it may do more. */
function sayGlass(was: Glass, is: Glass, say: Say): void {
  const { came, went } = namesBetween(was?.by ?? [], is?.by ?? []);
  if (came.length > 0) say(`${list(came)} may break the glass: answer alone in place of all that are missing`, "wider");
  if (went.length > 0) say(`${list(went)} may no longer break the glass`);
  if (was === undefined || is === undefined) return;
  if (was.withinMs !== is.withinMs)
    say(
      `what the glass was broken for has ${seconds(is.withinMs)} to be sent; it was ${seconds(was.withinMs)}`,
      is.withinMs > was.withinMs ? "wider" : "none",
    );
  if (was.reviewMs !== is.reviewMs)
    say(
      `broken glass is reviewed within ${seconds(is.reviewMs)}; it was ${seconds(was.reviewMs)}`,
      is.reviewMs > was.reviewMs ? "wider" : "none",
    );
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "no time" : `${ms / 1000} s`;
}

function goalText(goal: Settings["approvals"]["answerWithin"]): string {
  if (goal === undefined) return "within no time that is named";
  return `${goal.share * 100} % within ${seconds(goal.targetMs)}, over ${seconds(goal.overMs)}`;
}
