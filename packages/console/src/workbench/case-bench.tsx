import type { Files } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { Send } from "../parts/send.tsx";
import { Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { Answer } from "../plane/answer.tsx";
import { plane } from "../plane.ts";
import { CaseRun } from "./case-run.tsx";
import { type Effect, expected, expecting } from "./expecting.ts";

/** The decision as a case: what it expects can be said anew, and the rules in force are asked it. */
export function CaseBench({
  id,
  file,
  inForce,
  written,
  write,
}: {
  readonly id: string;
  readonly file: string;
  readonly inForce: Files;
  /** Undefined until somebody made the case. */
  readonly written: string | undefined;
  write(text: string): void;
}) {
  const made = useQuery({
    queryKey: ["case", id],
    queryFn: () => plane().policies.caseOf(id),
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <section aria-label="The case">
      <h2>A case of it</h2>
      {made.error === null ? null : <Trouble of={made.error} />}
      {made.data === undefined || written === undefined ? (
        <p className="question">
          <Send
            type="button"
            isSending={made.isFetching}
            onClick={() => void made.refetch().then(({ data }) => (data === undefined ? undefined : write(data.text)))}
          >
            Make the case
          </Send>{" "}
          <span className="quiet">the same question with everything that was known; who reads it is written down</span>
        </p>
      ) : (
        <>
          <p>
            Decided then: <Answer of={made.data.was.effect} />.{" "}
            {made.data.same ? "The rules in force say the same." : null}
          </p>
          {made.data.same ? null : (
            <p className="warn">
              Now it is <Answer of={made.data.is.effect} />: <Told text={sentence(made.data.is.sentence)} /> The rules
              changed since, or a case cannot say all that was known.
            </p>
          )}
          <label>
            It should be
            <select
              value={expected(written) ?? ""}
              onChange={(event) => write(expecting(written, event.target.value as Effect) ?? written)}
            >
              {expected(written) === undefined ? <option value="">as the text says</option> : null}
              <option value="allow">allowed</option>
              <option value="require">held for a person</option>
              <option value="deny">refused</option>
            </select>
          </label>
          <label htmlFor="case-text">The case, as {file}</label>
          <textarea
            id="case-text"
            className="code"
            spellCheck={false}
            value={written}
            onChange={(event) => write(event.target.value)}
          />
          <CaseRun words="Run it against the rules in force" files={{ ...inForce, [file]: written }} file={file} />
        </>
      )}
    </section>
  );
}
