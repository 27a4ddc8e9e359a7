import { Told } from "../parts/told.tsx";
import { sentence } from "../parts/trouble.tsx";
import type { Request } from "./shape.ts";

/** The policy that asks, what would be enough, who else may answer. */
export function WhyPart({ of: { why } }: { readonly of: Request }) {
  return (
    <>
      <p>
        <Told text={sentence(why.sentence)} />
      </p>
      <ul>
        {why.questions.map((one) => (
          <li key={one.policy}>
            <Told text={one.sentence} /> <small>policy {one.title ?? one.policy}</small>
            <br />
            <small>
              {one.answered.length === 0 ? "" : `Approved by ${one.answered.join(", ")}. `}
              {one.missing} of {one.count} missing from {one.from}:{" "}
              {one.may.map(({ name, free }) => (free ? name : `${name} (busy)`)).join(", ") || "nobody is left who may"}
              .{one.mayNot.length === 0 ? "" : ` Not ${one.mayNot.join(", ")}.`}
            </small>
          </li>
        ))}
        {why.besides.map((text) => (
          <li key={text}>
            <Told text={text} />
          </li>
        ))}
      </ul>
    </>
  );
}
