import type { ActionReceipt } from "@countersign/client";
import { A } from "../address.tsx";
import { Said, Short } from "../parts/machine.tsx";
import { Id } from "./id.tsx";
import { Part, Question } from "./question.tsx";
import { Told } from "./told.tsx";

export function What({ receipt: { what, disclosed } }: { readonly receipt: ActionReceipt }) {
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
