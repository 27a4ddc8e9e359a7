import type { ActionReceipt } from "@countersign/client";
import { Said } from "../parts/machine.tsx";
import { sentence } from "../parts/trouble.tsx";
import { Part, Question } from "./question.tsx";
import { Told } from "./told.tsx";

export function Data({ receipt: { data, disclosed } }: { readonly receipt: ActionReceipt }) {
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
