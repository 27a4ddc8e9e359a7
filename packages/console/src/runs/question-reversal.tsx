import type { ActionReceipt } from "@countersign/client";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { sentence } from "../parts/trouble.tsx";
import { Part, Question } from "./question.tsx";
import { Told } from "./told.tsx";

export function Reversal({ receipt: { reversal } }: { readonly receipt: ActionReceipt }) {
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
