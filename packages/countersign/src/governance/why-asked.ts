import { approvedLately } from "../action/answer-sql.ts";
import { approvalsOf } from "../action/approval-sql.ts";
import { capacitiesOf } from "../action/capacities.ts";
import { type OpenAction, roomOf } from "../action/index.ts";
import { standingOf } from "../action/resume.ts";
import { askedWords, excluded, tally } from "../policy/index.ts";
import type { Control } from "./control.ts";
import { countAsked } from "./weigh-answer.ts";

/** One policy's question to people, and how far it is answered. */
export interface Question {
  readonly policy: string;
  readonly title?: string;
  readonly sentence: string;
  readonly from: string;
  readonly count: number;
  readonly answered: readonly string[];
  readonly missing: number;
  readonly may: readonly { readonly person: string; readonly name: string; readonly free: boolean }[];
  readonly mayNot: readonly string[];
}

export interface Why {
  readonly sentence: string;
  readonly questions: readonly Question[];
  readonly besides: readonly string[];
}

/** How many of a group are told by name and looked at for room. */
const mostNamed = 50;

/** Why people are asked, what would be enough, and who else may answer. */
export async function whyAsked(control: Control, open: OpenAction): Promise<Why> {
  const { parts, keeper } = control;
  const { directory, policies } = keeper.loaded();
  const plane = parts.plane.current();
  const nowMs = parts.ledger.now();
  const owner = directory.agents.get(open.agent)?.owner ?? "";
  const { standIns = [] } = open;
  const standing = standingOf({ requirements: open.requirements, stand_ins: standIns });
  const given = (await approvalsOf(parts.db, open.id)).map((one) => ({
    ...one,
    groups: capacitiesOf(plane, open.workflow, one, standing),
  }));
  const called = standIns.filter((one) => plane.mayStandIn?.(open.workflow, one) === true);
  const questions: Question[] = [];
  const besides: string[] = [];
  for (const asked of open.requirements) {
    if (asked.kind !== "approval") {
      besides.push(asked.sentence);
      continue;
    }
    const mayNot = excluded(asked.exclude, { ...open, owner });
    const not = new Set(mayNot.map((one) => one.toLowerCase()));
    const { counted, needed, missing } = tally(
      {
        ...asked,
        count: countAsked(asked),
        callDigest: open.callDigest,
        excluded: mayNot,
        passkey: asked.passkey === true,
      },
      given,
      nowMs,
    );
    const all = [...new Set([...plane.asked(asked.from, open.workflow), ...called])];
    const people = all.filter((one) => !not.has(one.toLowerCase()));
    const may = await Promise.all(
      people.slice(0, mostNamed).map(async (person) => ({
        person,
        name: directory.people.get(person)?.name ?? person,
        free: await isFree(control, person),
      })),
    );
    const title = policies.policies.find(({ id }) => id === asked.policy)?.annotations?.title;
    questions.push({
      policy: asked.policy,
      ...(title === undefined ? {} : { title }),
      sentence: asked.sentence,
      from: asked.from,
      count: needed,
      answered: counted,
      missing,
      may: may.filter(({ person }) => !counted.includes(person.toLowerCase())),
      mayNot,
    });
  }
  return { sentence: enough(questions, besides), questions, besides };
}

async function isFree({ parts }: Control, person: string): Promise<boolean> {
  const { perHour } = parts.plane.current().answering ?? {};
  return perHour === undefined || roomOf(await approvedLately(parts.db, person), perHour).freeAt === null;
}

/** One answer counts for every question that asks whoever gives it. */
function alone(open: readonly Question[]): string {
  const [first, ...rest] = open;
  if (first === undefined || rest.length === 0 || open.some(({ missing }) => missing !== 1)) return "";
  const both = first.may.filter(({ person }) => rest.every(({ may }) => may.some((one) => one.person === person)));
  if (both.length === 0) return "";
  const names = both.map(({ person }) => person).join(" or ");
  return `; one approval of one person who is ${rest.length === 1 ? "both" : "all of these"} suffices: ${names}`;
}

/** What would be enough, in a sentence. */
function enough(questions: readonly Question[], besides: readonly string[]): string {
  const open = questions.filter(({ missing }) => missing > 0);
  const people = open.map(({ missing, from, may, answered }) => {
    const more = answered.length === 0 ? "" : " more";
    const what = missing === 1 ? `one${more} approval` : `${missing}${more} approvals of different people`;
    return `${what} from ${askedWords(from)}${may.length < missing ? `, and only ${may.length} may give it now` : ""}`;
  });
  const also = besides.length === 0 ? "" : `; besides: ${besides.join("; ")}`;
  if (people.length === 0)
    return besides.length === 0 ? "nothing more is asked of people" : `nothing more is asked of people${also}`;
  return `enough would be ${people.join(", and ")}${alone(open)}${also}`;
}
