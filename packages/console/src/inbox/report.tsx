import { type ApprovalReport, CountersignProblem } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { took } from "../parts/ago.tsx";
import { count, Said } from "../parts/machine.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { AnswerTimes } from "./answer-times.tsx";
import { Answered } from "./answered.tsx";
import { ProposedGrants } from "./grant-proposals.tsx";
import { Weeks } from "./weeks.tsx";
import { wentThrough } from "./went-through.ts";

type Rule = ApprovalReport["period"]["rules"][number];

const columns: readonly Column<Rule>[] = [
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "rule", of: ({ policy }) => policy },
  { name: "questions", of: ({ questions }) => questions },
  { name: "all-hands", of: (rule) => rule.allHands },
  { name: "people", of: ({ people }) => people },
  { name: "approvals", of: ({ approvals }) => approvals },
  { name: "open", of: ({ open }) => open },
];

const utc = "UTC";

/** What people were asked, by which rule, and how much went through without them; the period before beside it. */
export default function Report() {
  const { query, put } = useAddress();
  const asked = Number(query.get("weeks") ?? 4);
  const weeks = Number.isInteger(asked) && asked >= 1 && asked <= 26 ? asked : 4;
  const until = query.get("until") ?? "";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const found = useQuery({
    queryKey: ["report", weeks, until, zone],
    queryFn: () => {
      const of = (days: string) => plane().approvals.report({ weeks, zone: days, ...(until === "" ? {} : { until }) });
      return of(zone).catch((cause: unknown) => {
        // What it refuses it has not begun to count.
        if (zone !== utc && cause instanceof CountersignProblem && cause.at === "/zone") return of(utc);
        throw cause;
      });
    },
    // Each reading is written down: it is read again where somebody asks.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return (
    <>
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          put({ weeks: String(form.get("weeks")), until: String(form.get("until")) });
        }}
      >
        <label>
          Weeks
          <input name="weeks" type="number" min={1} max={26} required key={weeks} defaultValue={weeks} />
        </label>
        <label>
          To the end of
          <input name="until" type="date" key={until} defaultValue={until} />
        </label>
        <button type="submit">Count</button>
      </form>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {found.data === undefined ? null : <Counted report={found.data} zone={zone} />}
    </>
  );
}

function Counted({ report, zone }: { readonly report: ApprovalReport; readonly zone: string }) {
  const { period, before, allHands, erased, isWhole, answers } = report;
  const rows = [
    ["Questions to people", "questions"],
    ["of these all-hands", "allHands"],
    ["Actions that people were asked about", "asked"],
    ["Through without a person", "alone"],
    ["of these more than reads", "aloneWrites"],
    ["Through on a grant", "granted"],
    ["Through because a rule is only observed", "observed"],
  ] as const;
  return (
    <>
      <p>
        <Told text={sentence(report.sentence)} />
      </p>
      {answers.zone === zone ? null : (
        <p className="claim">
          The server does not know {zone}, the time zone of this browser: the days here are those of {answers.zone}.
        </p>
      )}
      <Weeks period={period} before={before} zone={answers.zone} />
      <Answered answers={answers} />
      <AnswerTimes of={report.answerTimes} />
      <h2>Against the period before</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col" className="number">
              This period
            </th>
            <th scope="col" className="number">
              Before
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([words, name]) => (
            <tr key={name} data-count={name}>
              <th scope="row">{words}</th>
              <td className="number">{count(period[name])}</td>
              <td className="number">{count(before[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet">
        A question is all-hands where more than {allHands.people} people could answer it, or it needed more than{" "}
        {allHands.approvals} approvals.
        {period.unmeasured + before.unmeasured === 0
          ? ""
          : ` ${count(period.unmeasured + before.unmeasured)} questions are older than the count of who could answer them.`}
        {erased === 0 ? "" : ` ${count(erased)} actions were erased and are not counted.`}
        {isWhole ? "" : " There are more actions than are looked at: the oldest are missing."}
      </p>
      <h2>Which rules asked</h2>
      {period.rules.length === 0 ? <p>No rule asked anybody in this period.</p> : null}
      {period.rules.length === 0 ? null : (
        <div className="wide">
          <table className="stack">
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col">Workflow</th>
                <th scope="col" className="number">
                  Questions
                </th>
                <th scope="col" className="number">
                  All-hands
                </th>
                <th scope="col" className="number">
                  People
                </th>
                <th scope="col">Waited (p50, p90)</th>
              </tr>
            </thead>
            <tbody>
              {period.rules.map((rule) => (
                <tr key={`${rule.workflow} ${rule.policy}`} data-rule={rule.policy}>
                  <td>
                    {rule.title === null ? (
                      <Said text={rule.policy} />
                    ) : (
                      <A to={`/policies/${encodeURIComponent(rule.policy)}`}>{rule.policy}</A>
                    )}
                    {rule.title === null ? <small> no rule in force has this name</small> : null}
                  </td>
                  <td>{rule.workflow}</td>
                  <td className="number" data-label="Questions">
                    {count(rule.questions)}
                  </td>
                  <td className="number" data-label="All-hands">
                    {count(rule.allHands)}
                  </td>
                  <td className="number" data-label="People">
                    {rule.people === null ? "" : count(rule.people)}
                  </td>
                  <td data-label="Waited (p50, p90)">
                    {[
                      ...(rule.waitMs === null ? [] : [`${took(rule.waitMs.p50)}, ${took(rule.waitMs.p90)}`]),
                      ...(rule.open === 0 ? [] : [`${count(rule.open)} wait`]),
                    ].join("; ")}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Save name="approvals-report" columns={columns} rows={period.rules} />
      <h2>By workflow</h2>
      <ul>
        {period.workflows.map((one) => (
          <li key={one.workflow}>
            {one.workflow}: {count(one.questions)} questions, {count(one.allHands)} of them all-hands;{" "}
            {wentThrough(one)}
          </li>
        ))}
      </ul>
      <ProposedGrants />
    </>
  );
}
