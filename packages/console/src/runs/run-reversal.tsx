import type { Reversal, ReversalLine, ReversalPreview, ReversalStep, RunView } from "@countersign/client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import { useOutcomes } from "../outcomes.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Said } from "../parts/machine.tsx";
import { Send } from "../parts/send.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { GiveUp } from "./give-up.tsx";
import { Id, Tail } from "./id.tsx";
import { Told } from "./told.tsx";

const lookEveryMs = 1_000;

/** How far the reversal of a run is, while it goes on and after; nothing where nobody asked for one. */
export function RunReversal({ run }: { readonly run: RunView }) {
  const reversal = useQuery({
    queryKey: ["runs", "reversal", run.id],
    queryFn: () => plane().actions.reversal(run.id),
    enabled: run.reversal !== undefined,
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? lookEveryMs : false),
  });
  if (run.reversal === undefined) return null;
  if (reversal.data === undefined)
    return reversal.error === null ? null : <Trouble of={reversal.error} again={() => void reversal.refetch()} />;
  const { data } = reversal;
  return (
    <section aria-label="The reversal" className="reversal">
      <h2>{headings[data.state]}</h2>
      {reversal.error === null ? null : <Trouble of={reversal.error} again={() => void reversal.refetch()} />}
      <p role="status">
        <progress value={data.done} max={Math.max(1, data.total - data.left)} aria-label="Actions undone" />{" "}
        <Told text={sentence(data.sentence)} />
      </p>
      <Next of={data} />
      <GiveUp of={data} />
      {data.run === run.id ? null : (
        <p className="quiet">
          It was asked for <A to={`/runs/${data.run}`}>the run above this one</A>.
        </p>
      )}
      <ol>
        {data.steps.map((step) => (
          <Step key={step.deed} step={step} />
        ))}
      </ol>
      {data.next === undefined ? null : (
        <p className="quiet">
          The first {data.steps.length} of {data.total}. The command line tells all of them.
        </p>
      )}
    </section>
  );
}

const headings: Readonly<Record<Reversal["state"], string>> = {
  going: "It is being reversed",
  waiting: "Its reversal waits",
  stopped: "Its reversal stopped",
  ended: "It was reversed",
  "given-up": "Its reversal was given up",
};

function isUnderWay(reversal: Reversal | undefined): boolean {
  // Of one that was given up, the undo that is left to end.
  return (
    reversal?.state === "going" ||
    reversal?.state === "waiting" ||
    (reversal?.state === "given-up" && reversal.waitsFor !== null)
  );
}

const after: Partial<Readonly<Record<Reversal["state"], string>>> = {
  waiting: " It goes on by itself.",
  stopped: " Nothing goes on before somebody asks again.",
};

/** Where a person can do something about it. */
function Next({ of: { state, waitsFor } }: { readonly of: Reversal }) {
  if (waitsFor === null) return null;
  const { because, action } = waitsFor;
  return (
    <p>
      {because === "held" && action !== null ? (
        <A to={`/inbox/${action}`}>The undo that waits for an answer</A>
      ) : because === "unknown" ? (
        <A to="/unknowns">Say what became of it</A>
      ) : action === null ? null : (
        <A to={`/actions/${action}`}>What it is about</A>
      )}
      {after[state]}
    </p>
  );
}

const stepWords: Readonly<Record<ReversalStep["state"], string>> = {
  waiting: "to be undone",
  done: "undone",
  left: "stays",
  nothing: "nothing of it happened",
};

function Step({ step }: { readonly step: ReversalStep }) {
  const { deed, tool, target, state, undo, why } = step;
  return (
    <li>
      <strong>{stepWords[state]}</strong>: <A to={`/actions/${deed}`}>{tool ?? <Id of={deed} />}</A>
      {target === null ? null : (
        <>
          {" "}
          on <Tail text={target} />
        </>
      )}
      {undo === null ? null : (
        <>
          , by <A to={`/actions/${undo}`}>its undo</A>
        </>
      )}
      {why === null || state === "done" ? null : (
        <span className="quiet">
          {" "}
          <Told text={sentence(why)} />
        </span>
      )}
    </li>
  );
}

/** Asks for a run to be reversed, after it was shown what that would do. The server asks who may. */
export function ReverseRun({ run }: { readonly run: RunView }) {
  const [isOpen, setOpen] = useState(false);
  const isAgain = run.reversal?.state === "stopped";
  if (run.reversal !== undefined && (run.reversal.state === "going" || run.reversal.state === "waiting")) return null;
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {isAgain ? "Go on reversing …" : "Reverse the run …"}
      </button>
      <Dialog isOpen={isOpen} close={() => setOpen(false)} title="Reverse this run">
        <Asking run={run} close={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Asking({ run, close }: { readonly run: RunView; readonly close: () => void }) {
  const queries = useQueryClient();
  const { tell } = useOutcomes();
  // What a reversal began with stays in it where it goes on.
  const isKept = run.reversal?.state === "stopped" && run.reversal.children;
  const [children, setChildren] = useState(isKept);
  const preview = useQuery({
    queryKey: ["preview", run.id, children],
    queryFn: () => plane().actions.previewReversal(run.id, { children, limit: 100 }),
    staleTime: 30_000,
    gcTime: 0,
  });
  const ask = useMutation({
    mutationFn: (reason: string) => plane().actions.reverseRun(run.id, { reason, children }),
    onSuccess: (made) => {
      tell({
        about: made.id,
        text: `You asked to reverse a run: ${made.sentence}`,
        link: { to: `/runs/${run.id}`, words: "How far it is" },
      });
      close();
      void queries.invalidateQueries();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate(String(new FormData(event.currentTarget).get("reason")));
      }}
    >
      <p>
        What it did last is undone first, each by an action of its own that is decided and may be held. Where one is
        held the rest waits; where one is refused or fails the rest stays as it is.
      </p>
      <label className="inline">
        <input
          type="checkbox"
          checked={children}
          disabled={isKept}
          onChange={(event) => setChildren(event.target.checked)}
        />{" "}
        also the runs that were opened under it
      </label>
      {preview.error === null ? null : <Trouble of={preview.error} again={() => void preview.refetch()} />}
      {preview.data === undefined ? null : <Shown of={preview.data} />}
      <label>
        Why
        <textarea name="reason" required rows={2} maxLength={2000} />
      </label>
      {ask.error === null ? null : <Trouble of={ask.error} />}
      <div className="deeds">
        <Send type="submit" isSending={ask.isPending}>
          {ask.isPending ? "Asking …" : "Reverse it"}
        </Send>
        <button type="button" onClick={close}>
          Not now
        </button>
      </div>
    </form>
  );
}

function Shown({ of }: { readonly of: ReversalPreview }) {
  const { lines, undo, left, reversed, open } = of;
  return (
    <>
      <p>
        {undo} can be undone, {left} cannot, {reversed} {reversed === 1 ? "was" : "were"} already
        {open === 0 ? "" : `, and of ${open} nobody knows yet`}.
      </p>
      <ol className="reversal-lines">
        {lines.map((line) => (
          <Line key={line.deed} line={line} />
        ))}
      </ol>
      {of.next === undefined ? null : (
        <p className="quiet">These are the {lines.length} that came last; there are more.</p>
      )}
    </>
  );
}

const fateWords: Readonly<Record<ReversalLine["fate"], string>> = {
  undo: "is undone",
  left: "stays",
  reversed: "was undone already",
  open: "is waited for",
  refused: "would stop it",
};

function Line({ line }: { readonly line: ReversalLine }) {
  const { deed, tool, target, fate, needs, changed } = line;
  return (
    <li>
      <strong>{fateWords[fate]}</strong>: {tool === null ? <Id of={deed} /> : <Said text={tool} />}
      {target === null ? null : (
        <>
          {" "}
          on <Tail text={target} />
        </>
      )}
      <br />
      <span className="quiet">
        <Told text={sentence(line.sentence)} />
        {changed === true ? " Its target changed since, or nobody can tell." : ""}
        {needs.length === 0 ? null : (
          <>
            {" "}
            Needs: <Told text={needs.join("; ")} />.
          </>
        )}
      </span>
    </li>
  );
}
