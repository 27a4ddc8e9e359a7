import { type Surveyed, undoNeeds } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { barred, lookThrough, type ReversalScope, runsOf } from "./reversal-scope.ts";

export interface PreviewLine extends Omit<Surveyed, "fate"> {
  readonly fate: Surveyed["fate"] | "refused";
  /** What people would have to give before it is undone. */
  readonly needs: readonly string[];
  /** True where its target is not for certain as the action left it; absent where that was not looked at. */
  readonly changed?: boolean;
}

export interface Preview {
  readonly run: string;
  readonly runs: readonly string[];
  readonly undo: number;
  readonly left: number;
  readonly reversed: number;
  readonly open: number;
  readonly lines: readonly PreviewLine[];
  readonly next?: string;
}

/** Targets that one page reads: those where nothing of the run came later. */
const mostLooks = 20;

/** What the reversal of a run would do, what came last first. Nothing is done; what nothing came after is looked at again. */
export async function previewReversal(
  control: Control,
  person: PersonCaller,
  scope: ReversalScope,
  page: { readonly cursor?: string; readonly limit: number },
): Promise<Preview> {
  const { runs } = await runsOf(control, person, scope);
  const { lines } = await lookThrough(control, runs, scope.leave);
  const count = (fate: Surveyed["fate"]) => lines.filter((line) => line.fate === fate).length;
  const from = page.cursor === undefined ? 0 : lines.findIndex(({ deed }) => deed === page.cursor) + 1;
  const shown = lines.slice(from, from + page.limit);
  const last = shown.at(-1);
  const touched = new Set(lines.slice(0, from).map(targetOf));
  let looks = 0;
  const told: PreviewLine[] = [];
  for (const line of shown) {
    const isLatest = !touched.has(targetOf(line));
    touched.add(targetOf(line));
    const isLooked = line.fate === "undo" && isLatest && looks < mostLooks;
    if (isLooked) looks++;
    told.push(await needsOf(control, person, line, isLooked));
  }
  return {
    run: scope.run,
    runs,
    undo: count("undo"),
    left: count("left"),
    reversed: count("reversed"),
    open: count("open"),
    lines: told,
    ...(last === undefined || from + page.limit >= lines.length ? {} : { next: last.deed }),
  };
}

function targetOf({ tool, target }: Pick<Surveyed, "tool" | "target">): string {
  return `${tool?.split(".")[0] ?? ""} ${target ?? ""}`;
}

async function needsOf(
  control: Control,
  person: PersonCaller,
  line: Surveyed,
  isLooked: boolean,
): Promise<PreviewLine> {
  if (line.fate !== "undo") return { ...line, needs: [] };
  const because = barred(control, person, line);
  if (because !== undefined)
    return { ...line, fate: "refused", sentence: `you may not undo it: ${because}`, needs: [] };
  try {
    const { effect, sentence, needs, changed } = await undoNeeds(control.parts, person, line.deed, isLooked);
    const seen = changed === undefined ? {} : { changed };
    return effect === "deny"
      ? { ...line, fate: "refused", sentence: `its undo would be refused now: ${sentence}`, needs: [], ...seen }
      : { ...line, needs, ...seen };
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code === "unavailable") throw thrown;
    return { ...line, fate: "refused", sentence: thrown.detail, needs: [] };
  }
}
