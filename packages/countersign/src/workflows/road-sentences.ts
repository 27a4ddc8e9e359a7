import { budgetSentences } from "./road-budget.ts";
import { loose, mayBeLoose } from "./road-loose.ts";
import { all, durationText, type Form, moneyText, named, quoted, shareText, wordsAt } from "./road-words.ts";
import type { Ask, Workflow, WorkflowDraft } from "./workflow.ts";

/** What is gathered from the sentences: a workflow file in the making. */
export type Gathered = { -readonly [member in keyof WorkflowDraft]?: WorkflowDraft[member] };

/** One kind of sentence, in both directions. What `write` makes, `form` fits and `read` takes back. */
export interface RoadSentence {
  readonly paragraph: 0 | 1;
  /** Names members of the file that a sentence names and does not carry. */
  readonly only?: keyof WorkflowDraft;
  /** What such a sentence looks like, for whoever wrote another one. */
  readonly like: string;
  readonly form: RegExp;
  write(workflow: Workflow): readonly string[];
  read(found: RegExpExecArray, form: Form, draft: Gathered): void;
}

const one = (place: string | undefined, form: Form): string => wordsAt(place, form)[0] ?? "";
const list = (names: readonly string[]): string => all(names.map(named));
const units = ["objects", "customers", "nodes", "rows"] as const;
const everyWrite = "; before every write a person must approve, `dri` where no sentence here says who";
const excluded = (exclude: Ask["exclude"]): string => exclude.map((who) => `; not the ${who}`).join("");
const sameAsk = (a: Ask, b: Ask): boolean => JSON.stringify({ ...a, tool: "" }) === JSON.stringify({ ...b, tool: "" });

/** Neighbours that ask the same of the same people become one sentence. */
function groupsOf(asks: readonly Ask[]): readonly (readonly [Ask, ...Ask[]])[] {
  const groups: [Ask, ...Ask[]][] = [];
  for (const ask of asks) {
    const last = groups.at(-1);
    if (last !== undefined && sameAsk(last[0], ask)) last.push(ask);
    else groups.push([ask]);
  }
  return groups;
}

function toolsSentence(member: "block" | "irreversible", before: string, after: string): RoadSentence {
  return {
    paragraph: 0,
    like: `${before} \`server.tool\`${after}`,
    form: new RegExp(`^${before} («.+»)${after}$`),
    write: ({ [member]: tools }) => (tools.length === 0 ? [] : [`${before} ${list(tools)}${after}`]),
    read: (found, form, draft) => {
      draft[member] = [...(draft[member] ?? []), ...wordsAt(found[1], form)];
    },
  };
}

export const roadSentences: readonly RoadSentence[] = [
  {
    paragraph: 0,
    like: "`name` is there for this: “its purpose”",
    form: /^(«\d+») is there for this: («\d+»)$/,
    write: ({ name, purpose }) => [`${named(name)} is there for this: ${quoted(purpose)}`],
    read: (found, form, draft) => {
      draft.workflow = one(found[1], form);
      draft.purpose = one(found[2], form);
    },
  },
  {
    paragraph: 0,
    like: "It is guardrailed, asks for tier 2, and `agent` works in it",
    form: /^It is ([a-z-]+), asks for tier ([0-3]), and (?:no agent|(«.+»)) works? in it$/,
    write: ({ pattern, tier, agents }) => [
      `It is ${pattern}, asks for tier ${tier}, and ${agents.length === 0 ? "no agent" : list(agents)} ${agents.length > 1 ? "work" : "works"} in it`,
    ],
    read: (found, form, draft) => {
      draft.pattern = found[1] as NonNullable<Gathered["pattern"]>;
      draft.tier = Number(found[2]) as NonNullable<Gathered["tier"]>;
      draft.agents = [...wordsAt(found[3], form)];
    },
  },
  {
    paragraph: 0,
    like: "On its own it may use `server.tool`",
    form: new RegExp(
      `^On its own it may (?:use|only read, with) (nothing|«.+?»)(${everyWrite.replace("`dri`", "«\\d+»")})?$`,
    ),
    write: ({ pattern, allow }) => {
      const asks = pattern === "guardrailed" ? everyWrite : "";
      const how = asks === "" || allow.length === 0 ? "use" : "only read, with";
      return [`On its own it may ${how} ${allow.length === 0 ? "nothing" : list(allow)}${asks}`];
    },
    read: ([, tools, asks], form, draft) => {
      draft.allow = [...(draft.allow ?? []), ...wordsAt(tools, form)];
      if (asks !== undefined) draft.pattern = "guardrailed";
    },
  },
  {
    paragraph: 0,
    like: "Before `server.tool`, 1 of `group` must approve within 4h, which counts for 1h; not the requester",
    form: /^Before («.+»), (\d+) of («\d+») must approve within (\w+), which counts for (\w+)((?:; not the (?:requester|owner))*)$/,
    write: ({ ask }) =>
      groupsOf(ask).map((group) => {
        const [{ from, count, openMs, validMs, exclude }] = group;
        const within = `within ${durationText(openMs)}, which counts for ${durationText(validMs)}`;
        return `Before ${list(group.map(({ tool }) => tool))}, ${count} of ${named(from)} must approve ${within}${excluded(exclude)}`;
      }),
    read: (found, form, draft) => {
      const [, tools, count, from, open = "", valid = "", not = ""] = found;
      const exclude = [...not.matchAll(/requester|owner/g)].map(([who]) => who as Ask["exclude"][number]);
      const rule = { from: one(from, form), count: Number(count), open, valid, exclude };
      draft.ask = [...(draft.ask ?? []), ...wordsAt(tools, form).map((tool) => ({ tool, ...rule }))];
    },
  },
  toolsSentence("block", "It never uses", ""),
  toolsSentence("irreversible", "In production it may use", " although nothing undoes it"),
  {
    paragraph: 0,
    like: "Of what `server.tool` answers it gets nothing that is personal, or more confidential",
    form: /^Of what («\d+») answers it gets nothing that is (internal|personal|secret), or more confidential$/,
    write: ({ redact }) =>
      redact.map(
        ({ tool, label }) => `Of what ${named(tool)} answers it gets nothing that is ${label}, or more confidential`,
      ),
    read: (found, form, draft) => {
      const cut = { tool: one(found[1], form), label: found[2] as Workflow["redact"][number]["label"] };
      draft.redact = [...(draft.redact ?? []), cut];
    },
  },
  {
    paragraph: 0,
    only: "guardrails",
    like: "Its file also has the guardrails `name`",
    form: /^Its file also has the guardrails? («.+»)$/,
    write: ({ guardrails }) =>
      guardrails.length === 0
        ? []
        : [
            `Its file also has the guardrail${guardrails.length > 1 ? "s" : ""} ${list(guardrails.map((one) => one.name ?? one.use))}`,
          ],
    read: () => undefined,
  },
  {
    paragraph: 0,
    like: "It holds that “a rule”, which `policy` enforces",
    form: /^It holds that («\d+»), which (?:nothing|(«.+»)) enforces?$/,
    write: ({ rules }) =>
      rules.map(({ rule, by }) => {
        const who = by.length === 0 ? "nothing" : list(by);
        return `It holds that ${quoted(rule)}, which ${who} ${by.length > 1 ? "enforce" : "enforces"}`;
      }),
    read: (found, form, draft) => {
      draft.rules = [...(draft.rules ?? []), { rule: one(found[1], form), by: [...wordsAt(found[2], form)] }];
    },
  },
  {
    paragraph: 0,
    like: "One call touches at most 5 objects, 1 customers, 2 nodes, 100 rows and 500 EUR",
    form: /^One call touches at most ((?:\d+ (?:objects|customers|nodes|rows)|[\d.]+ [A-Z]{3}|, | and )+)$/,
    write: ({ caps }) => {
      const counts = units.flatMap((unit) => (caps[unit] === undefined ? [] : [`${caps[unit]} ${unit}`]));
      const limits = [...counts, ...(caps.money === undefined ? [] : [moneyText(caps.money)])];
      return limits.length === 0 ? [] : [`One call touches at most ${all(limits)}`];
    },
    read: (found, _form, draft) => {
      const caps: Record<string, number | string> = {};
      for (const [, amount = "", unit = ""] of (found[1] ?? "").matchAll(/([\d.]+) ([A-Za-z]+)/g))
        if (/^[A-Z]{3}$/.test(unit)) caps.money = `${amount} ${unit}`;
        else if (unit !== "and") caps[unit] = Number(amount);
      draft.caps = caps;
    },
  },
  {
    paragraph: 0,
    like: "All this is only observed until 2026-12-31, but for executions in production",
    form: /^All this is only observed until (\d{4}-\d{2}-\d{2})(?:, but for executions(?: in production)?)?$/,
    write: ({ mode, pattern }) =>
      mode.kind === "observe"
        ? [
            `All this is only observed until ${mode.until}, but for executions${pattern === "copilot-only" ? "" : " in production"}`,
          ]
        : [],
    read: (found, _form, draft) => {
      draft.mode = `observe until ${found[1]}`;
    },
  },
  {
    paragraph: 0,
    like: "What a run has read decides nothing here",
    form: /^What a run has read decides nothing here$/,
    write: ({ flow }) => (flow === "off" ? ["What a run has read decides nothing here"] : []),
    read: (_found, _form, draft) => {
      draft.flow = "off";
    },
  },
  {
    paragraph: 1,
    like: `It passes its gate where suite \`name\` reaches 97% by the point rule, and suite \`name\` against attacks${loose}`,
    form: new RegExp(
      `^(?:No evaluation gates it|It passes its gate where suite («\\d+») reaches ([\\d.]+%) by the (point|wilson) rule(?:, and suite («\\d+») against attacks)?${mayBeLoose})$`,
    ),
    write: ({ gate }) => {
      if (gate === undefined) return ["No evaluation gates it"];
      const attacks = gate.adversarial === undefined ? "" : `, and suite ${named(gate.adversarial)} against attacks`;
      return [
        `It passes its gate where suite ${named(gate.suite)} reaches ${shareText(gate.threshold)} by the ${gate.rule} rule${attacks}${loose}`,
      ];
    },
    read: ([, suite, threshold = "", rule, adversarial], form, draft) => {
      if (suite === undefined) return;
      const attacks = adversarial === undefined ? {} : { adversarial: one(adversarial, form) };
      draft.gate = { suite: one(suite, form), threshold, rule: rule as "point" | "wilson", ...attacks };
    },
  },
  {
    paragraph: 1,
    like: `Its records hold everything, without \`personal\`${loose}, and are kept for 400d`,
    form: new RegExp(
      `^Its records hold (everything|digests only), without (?:exception|(«.+?»))${mayBeLoose}, and are kept (?:for good|for (\\w+))$`,
    ),
    write: ({ logging: { capture, redact, keepMs } }) => {
      // What every record does is everything, without exception: another wish is one that nothing grants yet.
      const isSo = capture === "full" && redact.length === 0;
      const what = capture === "full" ? "everything" : "digests only";
      const without = redact.length === 0 ? "exception" : list(redact);
      const kept = keepMs === undefined ? "for good" : `for ${durationText(keepMs)}`;
      return [`Its records hold ${what}, without ${without}${isSo ? "" : loose}, and are kept ${kept}`];
    },
    read: ([, capture, redact, keep], form, draft) => {
      draft.logging = {
        capture: capture === "everything" ? "full" : "digests",
        redact: [...wordsAt(redact, form)] as ("personal" | "secret")[],
        ...(keep === undefined ? {} : { keep }),
      };
    },
  },
  ...budgetSentences,
  {
    paragraph: 1,
    like: "`person` answers for it, with `person` as deputy",
    form: /^(«\d+») answers for it(?:, with («\d+») as deputy)?$/,
    write: ({ dri, deputy }) => [
      `${named(dri)} answers for it${deputy === undefined ? "" : `, with ${named(deputy)} as deputy`}`,
    ],
    read: ([, dri, deputy], form, draft) => {
      draft.dri = one(dri, form);
      if (deputy !== undefined) draft.deputy = one(deputy, form);
    },
  },
  {
    paragraph: 1,
    like: "`person` stands in from 2026-12-24 to 2027-01-02",
    form: /^(«\d+») stands in from ([\d-]+) to ([\d-]+)$/,
    write: ({ cover }) => cover.map(({ person, from, to }) => `${named(person)} stands in from ${from} to ${to}`),
    read: ([, person, from = "", to = ""], form, draft) => {
      draft.cover = [...(draft.cover ?? []), { person: one(person, form), from, to }];
    },
  },
  {
    paragraph: 1,
    like: "Where nobody answers, `person or group` is told after 15m",
    form: /^Where nobody answers, (nobody else is told|«.+)$/,
    write: ({ escalation }) => [
      escalation.length === 0
        ? "Where nobody answers, nobody else is told"
        : `Where nobody answers, ${all(escalation.map(({ to, afterMs }) => `${named(to)} is told after ${durationText(afterMs)}`))}`,
    ],
    read: ([, steps = ""], form, draft) => {
      draft.escalation = [...steps.matchAll(/(«\d+») is told after (\w+)/g)].map(
        ([, to, after]) => `${one(to, form)} after ${after}`,
      );
    },
  },
  {
    paragraph: 1,
    like: `Playbook \`path\` undoes it, practised every 30d${loose}`,
    form: new RegExp(
      `^(?:No playbook undoes it|Playbook («\\d+») undoes it(?:, practised every (\\w+)${mayBeLoose})?)$`,
    ),
    write: ({ rollback }) => {
      if (rollback === undefined) return ["No playbook undoes it"];
      const often =
        rollback.drillEveryMs === undefined ? "" : `, practised every ${durationText(rollback.drillEveryMs)}${loose}`;
      return [`Playbook ${named(rollback.playbook)} undoes it${often}`];
    },
    read: ([, playbook, every], form, draft) => {
      if (playbook === undefined) return;
      draft.rollback = { playbook: one(playbook, form), ...(every === undefined ? {} : { drill: `every ${every}` }) };
    },
  },
  {
    paragraph: 1,
    like: `It is measured against 2026-09-01 to 2026-09-28${loose}`,
    form: new RegExp(`^It is measured against ([\\d-]+) to ([\\d-]+)${mayBeLoose}$`),
    write: ({ baseline }) =>
      baseline === undefined ? [] : [`It is measured against ${baseline.from} to ${baseline.to}${loose}`],
    read: ([, from = "", to = ""], _form, draft) => {
      draft.baseline = { from, to };
    },
  },
];
