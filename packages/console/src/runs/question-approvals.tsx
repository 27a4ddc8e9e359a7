import type { ActionReceipt } from "@countersign/client";
import { askedBackSentence } from "@countersign/contract";
import { Ago, took } from "../parts/ago.tsx";
import { Said, Short } from "../parts/machine.tsx";
import { sentence } from "../parts/trouble.tsx";
import { Part, Question } from "./question.tsx";
import { Told } from "./told.tsx";

export function Approvals({ receipt: { approvals, what } }: { readonly receipt: ActionReceipt }) {
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

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
