import { useEffect, useRef, useState } from "react";
import { useAddress } from "../address.tsx";
import { useKeys } from "../keys.tsx";
import { isFocusLost } from "../parts/focus.ts";
import { later } from "../parts/later.ts";
import { Short } from "../parts/machine.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { WhenAsked } from "../parts/when-asked.tsx";
import { GlassPart } from "./glass-part.tsx";
import { GraceLine, type Sending } from "./grace-line.tsx";
import type { Request } from "./shape.ts";
import { type Phase, useAnswer } from "./use-answer.ts";
import { useArmed } from "./use-armed.ts";
import { useReason } from "./use-reason.ts";

const load = () => import("./answer-dialogs.tsx");
const Dialogs = later(load);

type Asked = "deny" | "ask" | "edit" | "grant";

/** Approve, deny, ask back: the same size, none of them chosen before. What is approved is named by its digest. */
export function AnswerBar({ of, next }: { readonly of: Request; readonly next: string | undefined }) {
  const { go } = useAddress();
  const isArmed = useArmed(of.shownDigest ?? "");
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const reason = useReason(of.id);
  const answer = useAnswer(of, (isHere, given) => {
    reason.forget(given.reason);
    if (isHere && next !== undefined) go(`/inbox/${next}${location.search}`);
  });
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (asked === "deny") field.current?.focus();
  }, [asked]);
  const pressed = useRef<HTMLButtonElement | undefined>(undefined);
  const back = useRef<HTMLButtonElement>(null);
  const { is } = answer.phase;
  useEffect(() => {
    if (pressed.current === undefined) return;
    // The button that was pressed cannot have the focus while the answer waits.
    if (is === "waiting") back.current?.focus();
    else if (is !== "sending") {
      if (isFocusLost()) pressed.current.focus();
      pressed.current = undefined;
    }
  }, [is]);
  const mayAnswer = of.yours && of.shownDigest !== undefined && of.frozenBy === undefined;
  useEffect(() => {
    // What a freeze closed does not open by itself once it ends.
    if (!mayAnswer) setAsked(undefined);
  }, [mayAnswer]);
  // What puts back what was captured before a deed is taken as it is, or not.
  const mayEdit = of.undoes === undefined;
  const isReady = mayAnswer && isArmed && !answer.isBusy;
  /** False where it asks for a reason first. */
  const deny = (): boolean => {
    if (reason.text.trim() !== "") {
      answer.give("deny", reason.text);
      return true;
    }
    setAsked("deny");
    field.current?.scrollIntoView({ block: "center" });
    field.current?.focus();
    return false;
  };
  useKeys(
    mayAnswer
      ? [
          { press: "a", does: "approve exactly this", run: () => isReady && answer.give("approve", reason.text) },
          { press: "d", does: "deny, with a reason", run: () => isReady && deny() },
          { press: "b", does: "ask back", run: () => isReady && setAsked("ask") },
          { press: "e", does: "edit and approve", run: () => isReady && mayEdit && setAsked("edit") },
          { press: "u", does: "take the answer back before it is sent", run: answer.takeBack },
        ]
      : [],
  );
  if (!mayAnswer)
    return (
      <>
        <p className="quiet answer">
          {of.frozenBy !== undefined
            ? "It is frozen: nobody can answer it now."
            : of.yours
              ? "You may not see the call, so you cannot answer it."
              : "Others were asked for this: an answer of yours would not count."}
        </p>
        <GlassPart of={of} isReady={isArmed && !answer.isBusy} />
      </>
    );
  const dialog = asked === "deny" ? undefined : asked;
  return (
    <section className="answer" aria-label="Your answer">
      {asked === "deny" && reason.text.trim() === "" ? (
        <p role="alert" className="failed">
          A denial needs a reason: write it below, then deny.
        </p>
      ) : null}
      <label>
        Reason{asked === "deny" ? ": it goes back to the agent" : " (a denial needs one; it goes back to the agent)"}
        <textarea
          ref={field}
          rows={2}
          maxLength={2000}
          value={reason.text}
          readOnly={answer.isBusy}
          aria-invalid={asked === "deny" && reason.text.trim() === ""}
          onChange={(event) => reason.write(event.target.value)}
        />
      </label>
      {of.passkey.required ? <PasskeyNote of={of} /> : null}
      <div className="within-reach">
        {answer.error === undefined ? null : <Trouble of={answer.error} />}
        <GraceLine
          waiting={waitingIn(answer.phase)}
          otherwise={said[is]}
          takeBack={answer.takeBack}
          sendNow={answer.sendNow}
          back={back}
        />
        <p className="quiet">
          What you approve: <Short of={of.shownDigest ?? ""} />
        </p>
        <div className="deeds">
          <button
            type="button"
            disabled={!isReady}
            onClick={({ currentTarget }) => {
              pressed.current = currentTarget;
              answer.give("approve", reason.text);
            }}
          >
            Approve
          </button>
          <button
            type="button"
            disabled={!isReady}
            onClick={({ currentTarget }) => {
              if (deny()) pressed.current = currentTarget;
            }}
          >
            Deny
          </button>
          <button type="button" disabled={!isReady} onClick={() => setAsked("ask")}>
            Ask back
          </button>
        </div>
      </div>
      <p>
        {mayEdit ? (
          <button type="button" className="quiet" disabled={!isReady} onClick={() => setAsked("edit")}>
            Edit and approve …
          </button>
        ) : null}{" "}
        {mayGrant(of) ? (
          <button type="button" className="quiet" disabled={!isReady} onClick={() => setAsked("grant")}>
            Approve calls like this for a while …
          </button>
        ) : null}
      </p>
      <GlassPart of={of} isReady={isReady} />
      <WhenAsked isAsked={dialog !== undefined} load={load}>
        <Dialogs of={of} asked={dialog} close={() => setAsked(undefined)} />
      </WhenAsked>
    </section>
  );
}

const said = {
  none: "",
  waiting: "",
  sending: "Your answer is on its way.",
  "taken back": "Taken back: nothing was sent.",
};

function waitingIn(phase: Phase): Sending | undefined {
  return phase.is === "waiting" ? { verdict: phase.given.verdict, seconds: phase.seconds } : undefined;
}

/** Where a policy that asks takes grants, nobody has to sign with a passkey, and it can be undone. */
function mayGrant({ requirements, passkey, undo }: Request): boolean {
  return (
    !passkey.required &&
    undo.kind === "inverse" &&
    requirements.some((one) => one.kind === "approval" && one.grants !== undefined)
  );
}

function PasskeyNote({ of: { passkey } }: { readonly of: Request }) {
  if (passkey.allowCredentials.length > 0)
    return <p className="quiet">Approving this asks for your passkey, which signs exactly what you see.</p>;
  return (
    <p>
      Approving this takes a passkey, and you have none yet. <a href="/passkeys">Register one</a>, then come back: the
      request waits here.
    </p>
  );
}
