import { loose, mayBeLoose } from "./road-loose.ts";
import type { RoadSentence } from "./road-sentences.ts";
import { all, moneyText, shareText } from "./road-words.ts";

/** What it may cost, and how often it may call. */
export const budgetSentences: readonly RoadSentence[] = [
  {
    paragraph: 1,
    like: `It may cost 2 USD a run and 50 USD a day${loose}, and people are told at 80% of a day's calls`,
    form: new RegExp(
      `^It may cost (?:any amount|(?:([\\d.]+ [A-Z]{3}) a run)?(?: and )?(?:([\\d.]+ [A-Z]{3}) a day)?${mayBeLoose}), and people are told at ([\\d.]+%)(?: of a day's calls)?$`,
    ),
    write: ({ budget: { run, day, alert } }) => {
      const parts = [
        ...(run === undefined ? [] : [`${moneyText(run)} a run`]),
        ...(day === undefined ? [] : [`${moneyText(day)} a day`]),
      ];
      const amount = parts.length === 0 ? "any amount" : `${all(parts)}${loose}`;
      return [`It may cost ${amount}, and people are told at ${shareText(alert)} of a day's calls`];
    },
    read: ([, run, day, alert = ""], _form, draft) => {
      const limits = { ...(run === undefined ? {} : { run }), ...(day === undefined ? {} : { day }) };
      draft.budget = { ...draft.budget, ...limits, alert };
    },
  },
  {
    paragraph: 1,
    like: "It may call 60 times a minute, 200 times a run and 2000 times a day",
    form: /^It may call ((?:\d+ times a (?:minute|run|day)|, | and )+)$/,
    write: ({ budget: { calls } }) => {
      const parts = [
        ...(calls.perMinute === undefined ? [] : [`${calls.perMinute} times a minute`]),
        ...(calls.perRun === undefined ? [] : [`${calls.perRun} times a run`]),
        ...(calls.perDay === undefined ? [] : [`${calls.perDay} times a day`]),
      ];
      return parts.length === 0 ? [] : [`It may call ${all(parts)}`];
    },
    read: ([, parts = ""], _form, draft) => {
      const found = [...parts.matchAll(/(\d+) times a (minute|run|day)/g)].map(([, count, per]) => [
        { minute: "perMinute", run: "perRun", day: "perDay" }[per ?? ""] ?? "",
        Number(count),
      ]);
      draft.budget = { ...draft.budget, calls: Object.fromEntries(found) };
    },
  },
];
