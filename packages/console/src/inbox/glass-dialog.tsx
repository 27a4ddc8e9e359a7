import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useOutcomes } from "../outcomes.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useKeptForm } from "../parts/kept.ts";
import { Send } from "../parts/send.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { known, useLooked } from "./looked.tsx";
import { assertionFor } from "./passkey.ts";
import type { Request } from "./shape.ts";

interface Broke {
  readonly glass?: string;
  readonly canary?: { readonly sentence: string };
}

/** To answer alone, in place of all that are missing: shown to who may, never chosen before, and two steps away. */
export function GlassPart({ of, isReady }: { readonly of: Request; readonly isReady: boolean }) {
  const [isOpen, setOpen] = useState(false);
  if (of.breakGlass === undefined || of.shownDigest === undefined || of.frozenBy !== undefined) return null;
  return (
    <>
      <p>
        <button type="button" className="quiet" disabled={!isReady} onClick={() => setOpen(true)}>
          Break the glass …
        </button>
      </p>
      <GlassDialog of={of} offer={of.breakGlass} isOpen={isOpen} close={() => setOpen(false)} />
    </>
  );
}

function GlassDialog({
  of,
  offer,
  isOpen,
  close,
}: {
  readonly of: Request;
  readonly offer: NonNullable<Request["breakGlass"]>;
  readonly isOpen: boolean;
  readonly close: () => void;
}) {
  const queries = useQueryClient();
  const { tell } = useOutcomes();
  const kept = useKeptForm(`${of.id}.glass`);
  const looked = useLooked();
  const openedAt = useRef(performance.now());
  const deed = useMutation({
    mutationFn: async (reason: string) => {
      const assertion = await assertionFor(offer);
      return ask<Broke>(`/v1/approvals/${of.id}/break-glass`, {
        method: "POST",
        body: {
          callDigest: of.callDigest,
          shownDigest: of.shownDigest,
          reason,
          opened: known(looked?.opened() ?? [], of),
          dwellMs: Math.min(86_400_000, Math.round(performance.now() - openedAt.current)),
          ...(assertion === undefined ? {} : { assertion }),
        },
      });
    },
    onSuccess: ({ canary }) => {
      kept.forget();
      close();
      tell({
        about: of.id,
        text:
          canary === undefined
            ? `You broke the glass over ${of.agent}'s ${of.server}.${of.tool}: somebody else has to review it.`
            : sentence(canary.sentence),
        ...(canary === undefined
          ? { action: of.id, link: { to: "/inbox/glass", words: "What is to be reviewed" } }
          : {}),
      });
      void queries.invalidateQueries();
    },
  });
  return (
    <Dialog isOpen={isOpen} close={close} title="Break the glass">
      <form
        {...kept.form}
        onSubmit={(event) => {
          event.preventDefault();
          deed.mutate(String(new FormData(event.currentTarget).get("reason")));
        }}
      >
        <p>
          <strong>You would answer this alone</strong> {offer.as}, in place of
        </p>
        <ul>
          {offer.missing.map(({ policy, from, missing }) => (
            <li key={policy}>
              {missing} {missing === 1 ? "answer" : "answers"} from <code>{from}</code> (policy <code>{policy}</code>)
            </li>
          ))}
        </ul>
        <p>
          It is for this very call, once, within {span(offer.withinMs)}. The DRI, admins, operators and auditors are
          told at once, and an alert stays open until one of them, and not you, has reviewed it: due within{" "}
          {span(offer.reviewMs)}.
        </p>
        {offer.passkey.required ? <p className="quiet">Your passkey signs that you break the glass.</p> : null}
        <label>
          Why those who were asked cannot be waited for
          <textarea name="reason" rows={3} required maxLength={2000} />
        </label>
        <label className="check">
          <input type="checkbox" name="alone" required /> I have read the call, and answer for it alone
        </label>
        {deed.error === null ? null : <Trouble of={deed.error} />}
        <div className="deeds">
          <Send type="submit" isSending={deed.isPending}>
            Break the glass
          </Send>
          <button type="button" onClick={close}>
            Not now
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function span(ms: number): string {
  const hours = ms / 3_600_000;
  if (Number.isInteger(hours)) return hours === 1 ? "1 hour" : `${hours} hours`;
  return `${Math.round(ms / 60_000)} minutes`;
}
