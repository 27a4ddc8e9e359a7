import type { ActionReceipt } from "@countersign/client";
import { askedBackSentence } from "@countersign/contract";
import type { ReactNode } from "react";
import { A } from "../address.tsx";
import { Ago, took } from "../parts/ago.tsx";
import { Raw, Said, Short } from "../parts/machine.tsx";
import { sentence } from "../parts/trouble.tsx";
import { Id } from "./id.tsx";
import { Told } from "./told.tsx";

function Question({
  at,
  asks,
  answer,
  beside,
  children,
}: {
  readonly at: number;
  readonly asks: string;
  readonly answer: ReactNode;
  /** Shown with the answer, not folded. */
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="question">
      <h2>
        <span aria-hidden="true">{at}</span> {asks}
      </h2>
      <p>{answer}</p>
      {beside}
      <details>
        <summary>Evidence</summary>
        {children}
      </details>
    </section>
  );
}

/** The six questions in order, each with its evidence folded beneath. `why` draws the reason of the decision. */
export function Six({ receipt, why }: { readonly receipt: ActionReceipt; readonly why: ReactNode }) {
  return (
    <>
      <What receipt={receipt} />
      <Data receipt={receipt} />
      <Policy receipt={receipt} why={why} />
      <Checks receipt={receipt} />
      <Approvals receipt={receipt} />
      <Reversal receipt={receipt} />
    </>
  );
}

function What({ receipt: { what, disclosed } }: { readonly receipt: ActionReceipt }) {
  const tail = ` ${what.tool}${what.target === "" ? "" : ` on ${what.target}`}${what.environment === "" ? "" : ` (${what.environment})`}`;
  const head = what.sentence.endsWith(tail) ? what.sentence.slice(0, -tail.length) : undefined;
  return (
    <Question
      at={1}
      asks="What did the agent do?"
      answer={
        <>
          {head === undefined ? (
            <Told text={what.sentence} />
          ) : (
            <>
              <Told text={head} /> <Said text={what.tool} />
              {what.target === "" ? null : (
                <>
                  {" on "}
                  <Said text={what.target} />
                </>
              )}
              {what.environment === "" ? "" : ` (${what.environment})`}
            </>
          )}
          . {what.isError === true ? "Its server answered with an error. " : ""}
          {disclosed
            ? `${what.dri} answers for workflow ${what.workflow}; ${what.owner} owns the agent${what.onBehalfOf === undefined ? "" : `, which acted for ${what.onBehalfOf}`}.`
            : `Workflow ${what.workflow}.`}
          {what.workload === undefined ? null : (
            <>
              {" It was known by "}
              <Said text={what.workload.issuer} /> as <Said text={what.workload.subject} />.
            </>
          )}
        </>
      }
    >
      <ul>
        {what.moves.map((move, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a move has no other name than its place
          <li key={at}>
            <code>{move.at}</code> {move.kind}
            {move.to === null ? "" : `: ${move.from ?? "nothing"} → ${move.to}`}
            {move.person === undefined ? "" : ` by ${move.person}`}
          </li>
        ))}
      </ul>
      <Part label="Arguments" value={what.args} />
      <Part label="With the arguments" value={what.beyond} />
      <Part label="Result" value={what.result} />
      <p className="quiet">
        {what.attempts} {what.attempts === 1 ? "attempt" : "attempts"} · tier {what.tier} · door {what.door} ·{" "}
        <A to={`/runs/${what.run}`}>
          run <Id of={what.run} />
        </A>
        {what.planned === false ? ", whose plan does not name this step" : ""} · arguments{" "}
        <Short of={what.argsDigest} /> · call <Short of={what.callDigest} />
        {what.resultDigest === undefined ? null : (
          <>
            {" · result "}
            <Short of={what.resultDigest} />
          </>
        )}
      </p>
      {what.undoes === undefined ? null : (
        <p>
          {what.undoes.by ?? what.agent} asked to undo <A to={`/actions/${what.undoes.action}`}>an earlier action</A>{" "}
          with it
          {what.undoes.reason === undefined ? null : (
            <>
              : <Said text={what.undoes.reason} />
            </>
          )}
        </p>
      )}
      {what.claim === undefined ? null : (
        <p className="claim">
          The agent's own words, a claim: <Said text={what.claim} />
        </p>
      )}
    </Question>
  );
}

function Data({ receipt: { data, disclosed } }: { readonly receipt: ActionReceipt }) {
  return (
    <Question
      at={2}
      asks="What data did it touch?"
      answer={
        !disclosed ? (
          <Told text={sentence(data.withheld ?? "it was erased")} />
        ) : data.direction === "none" ? (
          "None: nothing reached the target."
        ) : (
          <>
            It was {data.direction}:{" "}
            {data.resources.map((resource) => (
              <Said key={resource} text={resource} />
            ))}{" "}
            in {data.system}.
            {data.redactions === 0
              ? ""
              : ` ${data.redactions} values were redacted${data.cut === undefined ? "" : `, by the label “${data.cut}”`}.`}
          </>
        )
      }
    >
      <p>Labels: {data.labels.length === 0 ? "none" : data.labels.join(", ")}.</p>
      {data.flow === undefined ? null : (
        <>
          <p>
            Before it, <Told text={data.flow.sentence} />.
          </p>
          <Part label="Where its destinations came from" value={data.flow.facts} />
        </>
      )}
      <Part label="Withheld" value={data.withheld} />
      <Part
        label="What the agent's client answered to its server's questions"
        value={data.given.length === 0 ? undefined : data.given}
      />
    </Question>
  );
}

function Policy({ receipt: { policy }, why }: { readonly receipt: ActionReceipt; readonly why: ReactNode }) {
  const { inForce } = policy;
  return (
    <Question
      at={3}
      beside={policy.effect === "allow" ? null : why}
      asks="Which policy allowed it?"
      answer={
        <>
          <strong>{words[policy.effect] ?? policy.effect}</strong>: <Told text={policy.sentence} />.
          {policy.observed === undefined ? "" : ` Observed only: enforcement would have said ${policy.observed}.`}
        </>
      }
    >
      {policy.effect === "allow" ? why : null}
      {policy.determining.map((one) => (
        <div key={one.digest}>
          <p className="quiet">
            {one.effect} <Said text={one.id} /> <Short of={one.digest} />
          </p>
          <Raw value={one.text} label={`text of policy ${one.id}`} />
        </div>
      ))}
      <p className="quiet">
        {policy.policySet.digest === "" ? "No policy was asked" : `Policy set revision ${policy.policySet.revision}`}
        {policy.policySet.digest === "" ? null : (
          <>
            , <Short of={policy.policySet.digest} />
          </>
        )}
        {inForce === undefined
          ? ""
          : inForce.signedBy === null
            ? inForce.single
              ? `, put in force by ${inForce.by} alone: an organisation of one person`
              : ", in force since the first start"
            : `, put in force by ${inForce.by} and signed by ${inForce.signedBy}`}
      </p>
      {policy.nearMiss.length === 0 ? null : (
        <>
          <p className="quiet">Came close</p>
          <ul>
            {policy.nearMiss.map((miss) => (
              <li key={miss.policy}>
                <Said text={miss.policy} />: <Told text={miss.sentence} />
              </li>
            ))}
          </ul>
        </>
      )}
      <Part label="What was asked of the policies" value={policy.input} />
      <Part label="Errors" value={policy.errors.length === 0 ? undefined : policy.errors} />
    </Question>
  );
}

const words: Readonly<Record<string, string>> = {
  allow: "Allowed",
  require: "Asked for more",
  deny: "Denied",
  none: "Nothing decided",
};

function Checks({ receipt: { checks, disclosed } }: { readonly receipt: ActionReceipt }) {
  const bad = checks.filter(({ verdict }) => verdict !== "pass");
  const told = (bad.length > 0 ? bad : checks).map(
    ({ name, verdict, stage }) => `${name} on the ${String(stage ?? "call")}: ${verdict}`,
  );
  return (
    <Question
      at={4}
      asks="What checks ran?"
      answer={
        !disclosed
          ? "Which ran was erased."
          : checks.length === 0
            ? "None."
            : bad.length === 0
              ? `${checks.length} checks, all passed: ${[...new Set(checks.map(({ name }) => name))].join(", ")}.`
              : `${told.join("; ")}.`
      }
    >
      <ul>
        {checks.map((check) => (
          <li key={`${check.name} ${String(check.stage)}`}>
            {check.name} <Short of={check.version} /> on the {String(check.stage)}: {check.verdict} in{" "}
            {check.microseconds} µs
            {check.score === undefined ? "" : `, score ${check.score} of ${check.threshold ?? "?"}`}
            {check.evidence.map((one) => (
              <span key={`${one.rule} ${one.pointer}`}>
                {" · "}
                <Said text={`${one.rule} at ${one.pointer}`} />
              </span>
            ))}
          </li>
        ))}
      </ul>
    </Question>
  );
}

function Approvals({ receipt: { approvals, what } }: { readonly receipt: ActionReceipt }) {
  const asked = askedBackSentence(what.moves);
  return (
    <Question
      at={5}
      asks="Who approved it?"
      answer={
        <>
          <Told text={/^\S+@/.test(approvals.sentence) ? `${approvals.sentence}.` : sentence(approvals.sentence)} />
          {asked === undefined ? null : (
            <>
              {" "}
              <Told text={`${asked}.`} />
            </>
          )}
        </>
      }
    >
      {what.questions === undefined ? null : (
        <ol aria-label="What was asked back">
          {what.questions.map(({ number, by, at, question, reply, repliedAt }) => (
            <li key={number} value={number}>
              {by} asked back <Ago at={at} />: <Said text={question} />
              {reply === undefined ? (
                <p className="quiet">The agent did not reply.</p>
              ) : (
                <p className="claim">
                  The agent's own words, a claim
                  {repliedAt === undefined ? null : (
                    <>
                      , <Ago at={repliedAt} />
                    </>
                  )}
                  : <Said text={reply} />
                </p>
              )}
            </li>
          ))}
        </ol>
      )}
      <ul>
        {approvals.answers.map((answer) => (
          <li key={`${answer.person} ${text(answer.at)}`}>
            {answer.person} ({text(answer.method)}) {answer.verdict === "approve" ? "approved" : "denied"} it{" "}
            {answer.breakGlass === undefined ? null : <strong>alone, by break-glass, </strong>}
            <Told text={text(answer.as)} />, <Ago at={text(answer.at)} />
            {typeof answer.dwellMs === "number" ? ` after ${took(answer.dwellMs)} with it` : ""}:{" "}
            {text(answer.reason) === "" ? "no reason given" : <Said text={text(answer.reason)} />}
            <br />
            <small>
              shown <Short of={text(answer.shownDigest)} />, call <Short of={text(answer.callDigest)} />
              {answer.singlePerson === true ? ", in an organisation of one person" : ""}
            </small>
          </li>
        ))}
      </ul>
      {approvals.shown.map((one) => (
        <Part key={one.shownDigest} label={`What was shown: ${one.shownDigest.slice(7, 15)}`} value={one.document} />
      ))}
      {approvals.answers.length === 0 ? <p className="quiet">There is no answer to show.</p> : null}
    </Question>
  );
}

function Reversal({ receipt: { reversal } }: { readonly receipt: ActionReceipt }) {
  // The command line's own words have no place here: the button below does it.
  const said = reversal.sentence.replace(/: run `countersign reverse [^`]*`$/, "");
  return (
    <Question
      at={6}
      asks="How do you reverse it?"
      answer={
        <>
          <Told text={sentence(said)} />
          {reversal.reversedBy === undefined ? null : (
            <>
              {" "}
              <A to={`/actions/${reversal.reversedBy}`}>The action that undid it</A>.
            </>
          )}
          {reversal.reverses === undefined ? null : (
            <>
              {" "}
              It undoes <A to={`/actions/${reversal.reverses}`}>an earlier action</A>.
            </>
          )}
        </>
      }
    >
      <p>
        {reversal.lastWorked === undefined ? (
          "This kind of reverse has not run yet."
        ) : (
          <>
            This kind of reverse last worked <Ago at={reversal.lastWorked} />.
          </>
        )}
      </p>
      <Part label="The plan, captured before it ran" value={reversal.plan} />
    </Question>
  );
}

function Part({ label, value }: { readonly label: string; readonly value: unknown }) {
  if (value === undefined || value === null || value === "") return null;
  return (
    <>
      <p className="quiet">{label}</p>
      <Raw value={value} label={label} />
    </>
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
