import type { Files } from "@countersign/client";
import { useMutation } from "@tanstack/react-query";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { Answer } from "../plane/answer.tsx";
import { plane } from "../plane.ts";

/** What files decide about the cases of one of them. */
export function CaseRun({
  words,
  files,
  file,
}: {
  readonly words: string;
  readonly files: Files;
  readonly file: string;
}) {
  const run = useMutation({ mutationFn: (now: Files) => plane().policies.test(now) });
  const cases = (run.data?.cases ?? []).filter((one) => one.file === file);
  const isCurrent = JSON.stringify(run.variables) === JSON.stringify(files);
  return (
    <div>
      <p className="question">
        <Send type="button" isSending={run.isPending} onClick={() => run.mutate(files)}>
          {run.isPending ? `${words} …` : words}
        </Send>
      </p>
      {run.error === null ? null : <Trouble of={run.error} />}
      {run.data === undefined ? null : (
        <div role="status">
          {isCurrent ? null : <p className="warn">Something changed since: run it again.</p>}
          {cases.length === 0 ? <p>There is no case in the text.</p> : null}
          {cases.map(({ name, passed, effect, failures }) => (
            <p key={name} className={passed ? "allowed" : "failed"}>
              {passed ? "● It passes" : "✕ It fails"}
              {effect === undefined ? "" : ": "}
              {effect === undefined ? null : <Answer of={effect} />} {failures.join("; ")}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
