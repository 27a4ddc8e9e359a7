import { type Quantiles, quantiles } from "./queue.ts";

/** More people than ever answer for one workflow (the DRI, the deputy, a cover), or more answers than two. */
export const allHands = { people: 3, approvals: 2 } as const;

/** One policy's question to people about one action. */
export interface AskedQuestion {
  readonly policy: string;
  /** How many approvals it needs. */
  readonly approvals: number;
  /** How many people could answer it when it was asked; undefined where that was not written down yet. */
  readonly people?: number;
}

/** An action, as far as it matters whether people were asked about it. */
export interface ReportedAction {
  readonly atMs: number;
  readonly workflow: string;
  readonly writes: boolean;
  /** Policies let it through, and no person was asked, also not beforehand. */
  readonly alone: boolean;
  /** It went through on what a person had approved beforehand. */
  readonly granted: boolean;
  /** It went through because the policy that would have asked or denied is only observed. */
  readonly observed: boolean;
  /** None where it was never held, such as refused before anybody was asked. */
  readonly questions: readonly AskedQuestion[];
  /** How long it was held; undefined where it still is, or never was. */
  readonly waitedMs?: number;
  /** Where people's answers ended it: when, and how long after it was first held. */
  readonly answer?: { readonly atMs: number; readonly decideMs: number };
}

interface Asked {
  readonly questions: number;
  readonly allHands: number;
  /** Questions of which nobody knows how many people could answer: they count as none of those. */
  readonly unmeasured: number;
}

interface Through {
  readonly actions: number;
  readonly alone: number;
  readonly aloneWrites: number;
  readonly granted: number;
  readonly observed: number;
  /** Actions that people were asked about. */
  readonly asked: number;
}

export interface RuleLine extends Asked {
  readonly workflow: string;
  readonly policy: string;
  /** The most that one of its questions needed, and went to. */
  readonly approvals: number;
  readonly people: number | null;
  /** Of its questions, those about actions that are still held. */
  readonly open: number;
  readonly waitMs: Quantiles | null;
}

export interface Period extends Through, Asked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly waitMs: Quantiles | null;
  readonly rules: readonly RuleLine[];
  readonly workflows: readonly (Through & Asked & { readonly workflow: string })[];
  readonly parts: readonly (Asked & { readonly fromMs: number; readonly alone: number })[];
}

/** Like a meeting: it takes up more people than answer for the work, or more answers than two. */
export function isAllHands({ people, approvals }: Pick<AskedQuestion, "people" | "approvals">): boolean {
  return approvals > allHands.approvals || (people !== undefined && people > allHands.people);
}

/** What was asked of people between the first bound and the last, and from each bound to the next. Pure. */
export function periodOf(actions: readonly ReportedAction[], bounds: readonly number[]): Period {
  const [fromMs = 0] = bounds;
  const toMs = bounds.at(-1) ?? fromMs;
  const inside = actions.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const workflows = [...Map.groupBy(inside, ({ workflow }) => workflow)].map(([workflow, own]) => ({
    workflow,
    ...throughOf(own),
    ...askedOf(questionsOf(own)),
  }));
  return {
    fromMs,
    toMs,
    ...throughOf(inside),
    ...askedOf(questionsOf(inside)),
    waitMs: quantiles(inside.flatMap(({ waitedMs }) => waitedMs ?? [])),
    rules: rulesOf(inside),
    workflows: workflows.toSorted((one, other) => other.questions - one.questions || other.actions - one.actions),
    parts: bounds.slice(0, -1).map((start, at) => {
      const own = inside.filter(({ atMs }) => atMs >= start && atMs < (bounds[at + 1] ?? toMs));
      return { fromMs: start, alone: own.filter(({ alone }) => alone).length, ...askedOf(questionsOf(own)) };
    }),
  };
}

function rulesOf(actions: readonly ReportedAction[]): readonly RuleLine[] {
  const asked = actions.flatMap((action) => action.questions.map((question) => ({ action, question })));
  const byRule = Map.groupBy(asked, ({ action, question }) => JSON.stringify([action.workflow, question.policy]));
  const lines = [...byRule.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const questions = all.map(({ question }) => question);
    const known = questions.flatMap(({ people }) => people ?? []);
    return [
      {
        workflow: first.action.workflow,
        policy: first.question.policy,
        ...askedOf(questions),
        approvals: most(questions.map(({ approvals }) => approvals)) ?? 0,
        people: most(known),
        open: all.filter(({ action }) => action.waitedMs === undefined).length,
        waitMs: quantiles(all.flatMap(({ action }) => action.waitedMs ?? [])),
      },
    ];
  });
  return lines.toSorted((one, other) => other.questions - one.questions || (one.policy < other.policy ? -1 : 1));
}

/** Of any number of them, which a spread is not good for. */
function most(counts: readonly number[]): number | null {
  return counts.reduce<number | null>((so, one) => (so === null || one > so ? one : so), null);
}

function questionsOf(actions: readonly ReportedAction[]): readonly AskedQuestion[] {
  return actions.flatMap(({ questions }) => questions);
}

function askedOf(questions: readonly AskedQuestion[]): Asked {
  return {
    questions: questions.length,
    allHands: questions.filter(isAllHands).length,
    unmeasured: questions.filter((one) => one.people === undefined && !isAllHands(one)).length,
  };
}

function throughOf(actions: readonly ReportedAction[]): Through {
  const alone = actions.filter((one) => one.alone);
  return {
    actions: actions.length,
    alone: alone.length,
    aloneWrites: alone.filter(({ writes }) => writes).length,
    granted: actions.filter(({ granted }) => granted).length,
    observed: actions.filter(({ observed }) => observed).length,
    asked: actions.filter(({ questions }) => questions.length > 0).length,
  };
}
