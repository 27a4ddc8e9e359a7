import type { ApproverPace, Files } from "@countersign/client";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask, plane } from "../plane.ts";
import { Checked, Compared, Proved, Tested } from "./draft-answers.tsx";
import { Simulated } from "./simulated.tsx";

interface Asked {
  readonly files: Files;
}

/** What can be asked about files before they are in force. Each answer is about the files as they were when asked. */
export function DraftQuestions({ files, action }: Asked & { readonly action: string | undefined }) {
  return (
    <section aria-label="What the draft would do">
      <h2>What it would do</h2>
      <Question
        files={files}
        words="Check"
        says="whether the files hold together, and what stands against putting them in force"
        ask={(now) => plane().policies.check(now)}
        show={(found) => <Checked found={found} />}
      />
      <Question
        files={files}
        words="Compare the rules"
        says="what they newly allow, deny and ask people for: an example for each, or proved to be none"
        ask={(now) => plane().rules.policyDiff(now)}
        show={(found) => <Compared found={found} />}
      />
      <Question
        files={files}
        words="Run the tests"
        says="the cases that were written down, what no case looks at, and which faults none would notice"
        ask={(now) => plane().policies.test(now)}
        show={(found) => <Tested found={found} />}
      />
      <Question
        files={files}
        words="Prove the invariants"
        says="what must never be, whatever the policies; it may take a minute"
        ask={(now) => plane().rules.prove(now)}
        show={(found) => <Proved found={found} />}
      />
      <Simulation files={files} action={action} />
    </section>
  );
}

function Question<T>({
  files,
  words,
  says,
  ask: put,
  show,
}: Asked & {
  readonly words: string;
  readonly says: string;
  readonly ask: (files: Files) => Promise<T>;
  readonly show: (found: T) => ReactNode;
}) {
  const answer = useMutation({ mutationFn: put });
  return (
    <div>
      <p className="question">
        <Send type="button" isSending={answer.isPending} onClick={() => answer.mutate(files)}>
          {answer.isPending ? `${words} …` : words}
        </Send>{" "}
        <span className="quiet">{says}</span>
      </p>
      {answer.error === null ? null : <Trouble of={answer.error} />}
      {answer.data === undefined ? null : (
        <div role="status" className={isSame(answer.variables, files) ? "" : "quiet"}>
          {isSame(answer.variables, files) ? null : <p className="warn">The draft changed since: ask again.</p>}
          {show(answer.data)}
        </div>
      )}
    </div>
  );
}

function isSame(one: Files | undefined, other: Files): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function Simulation({ files, action }: Asked & { readonly action: string | undefined }) {
  const [days, setDays] = useState(30);
  const [done, setDone] = useState<readonly [number, number] | undefined>(undefined);
  const answer = useMutation({
    mutationFn: async (now: Files) => {
      setDone(undefined);
      const body = { files: now, sinceMs: days * 86_400_000, ...(action === undefined ? {} : { action }) };
      const [report, pace] = await Promise.all([
        plane().policies.simulate(body, (at, all) => setDone([at, all])),
        ask<ApproverPace>("/v1/policies/pace"),
      ]);
      return { report, pace };
    },
  });
  return (
    <div>
      <p className="question">
        <Send type="button" isSending={answer.isPending} onClick={() => answer.mutate(files)}>
          {answer.isPending ? "Simulate …" : "Simulate"}
        </Send>{" "}
        {action === undefined ? (
          <label className="check">
            over
            <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
              <option value={1}>a day</option>
              <option value={7}>7 days</option>
              <option value={30}>30 days</option>
              <option value={90}>90 days</option>
            </select>
          </label>
        ) : null}
        <span className="quiet">
          {action === undefined
            ? "what it would have decided otherwise about everything that was asked; who looks is written down"
            : "whether it would have stopped that action; who looks is written down"}
        </span>
      </p>
      {answer.isPending && done !== undefined ? (
        <progress value={done[0]} max={Math.max(1, done[1])} aria-label="Simulated so far" />
      ) : null}
      {answer.error === null ? null : <Trouble of={answer.error} />}
      {answer.data === undefined ? null : (
        <div role="status">
          {isSame(answer.variables, files) ? null : <p className="warn">The draft changed since: ask again.</p>}
          <Simulated report={answer.data.report} pace={answer.data.pace} isOne={action !== undefined} />
        </div>
      )}
    </div>
  );
}
