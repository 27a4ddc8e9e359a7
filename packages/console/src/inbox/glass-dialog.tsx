import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useOutcomes } from "../outcomes.tsx";
import { useKeptForm } from "../parts/kept.ts";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { known, useLooked } from "./looked.tsx";
import { assertionFor } from "./passkey.ts";
import { RequestDeeds, RequestDialog } from "./request-dialog.tsx";
import type { Request } from "./shape.ts";

export type Offered = Request & { readonly breakGlass: NonNullable<Request["breakGlass"]> };

interface Broke {
  readonly glass?: string;
  readonly canary?: { readonly sentence: string };
}

/** The second step: what it means to answer alone, and why. */
export default function GlassDialog({
  of,
  openedAt,
  isOpen,
  close,
}: {
  readonly of: Offered;
  /** When the request was, in milliseconds of this page. */
  readonly openedAt: number;
  readonly isOpen: boolean;
  readonly close: () => void;
}) {
  const queries = useQueryClient();
  const { tell } = useOutcomes();
  const kept = useKeptForm(`${of.id}.glass`);
  const looked = useLooked();
  const deed = useMutation({
    mutationFn: async ({ held, reason }: { readonly held: Offered; readonly reason: string }) => {
      const assertion = await assertionFor(held.breakGlass);
      return ask<Broke>(`/v1/approvals/${of.id}/break-glass`, {
        method: "POST",
        body: {
          callDigest: held.callDigest,
          shownDigest: held.shownDigest,
          reason,
          opened: known(looked?.opened() ?? [], held),
          dwellMs: Math.min(86_400_000, Math.round(performance.now() - openedAt)),
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
  const { passkey, ...terms } = of.breakGlass;
  return (
    <RequestDialog
      of={of}
      also={JSON.stringify([terms, passkey.required])}
      isOpen={isOpen}
      close={close}
      title="Break the glass"
    >
      {(held) => (
        <form
          {...kept.form}
          onSubmit={(event) => {
            event.preventDefault();
            deed.mutate({ held, reason: String(new FormData(event.currentTarget).get("reason")) });
          }}
        >
          <p>
            <strong>You would answer this alone</strong> {held.breakGlass.as}, in place of
          </p>
          <ul>
            {held.breakGlass.missing.map(({ policy, from, missing }) => (
              <li key={policy}>
                {missing} {missing === 1 ? "answer" : "answers"} from <code>{from}</code> (policy <code>{policy}</code>)
              </li>
            ))}
          </ul>
          <p>
            It is for this very call, once, within {span(held.breakGlass.withinMs)}. The DRI, admins, operators and
            auditors are told at once, and an alert stays open until one of them, and not you, has reviewed it: due
            within {span(held.breakGlass.reviewMs)}.
          </p>
          {held.breakGlass.passkey.required ? (
            <p className="quiet">Your passkey signs that you break the glass.</p>
          ) : null}
          <label>
            Why those who were asked cannot be waited for
            <textarea name="reason" rows={3} required maxLength={2000} />
          </label>
          <label className="check">
            <input type="checkbox" name="alone" required /> I have read the call, and answer for it alone
          </label>
          {deed.error === null ? null : <Trouble of={deed.error} />}
          <RequestDeeds isSending={deed.isPending}>Break the glass</RequestDeeds>
        </form>
      )}
    </RequestDialog>
  );
}

function span(ms: number): string {
  const hours = ms / 3_600_000;
  if (Number.isInteger(hours)) return hours === 1 ? "1 hour" : `${hours} hours`;
  return `${Math.round(ms / 60_000)} minutes`;
}
