import { useAddress } from "../address.tsx";
import { useKeptForm } from "../parts/kept.ts";
import { Said } from "../parts/machine.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { known, useLooked } from "./looked.tsx";
import { RequestDeeds, RequestDialog } from "./request-dialog.tsx";
import type { Request } from "./shape.ts";
import { useDeed } from "./use-deed.ts";

const spans = [
  ["15 minutes", 900_000],
  ["1 hour", 3_600_000],
  ["2 hours", 7_200_000],
  ["8 hours", 28_800_000],
] as const;

/** A standing approval for calls of this shape: for a time, for a number of calls, to be taken back at any moment. */
export function GrantDialog({
  of,
  isOpen,
  close,
}: {
  readonly of: Request;
  readonly isOpen: boolean;
  readonly close: () => void;
}) {
  const { go } = useAddress();
  const looked = useLooked();
  const kept = useKeptForm(`${of.id}.grant`);
  const deed = useDeed("/v1/grants", () => {
    kept.forget();
    close();
    go("/inbox/grants");
  });
  return (
    <RequestDialog of={of} isOpen={isOpen} close={close} title="Approve calls like this for a while">
      {(held) => (
        <form
          {...kept.form}
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            const free = form.getAll("free").map(String);
            deed.mutate({
              approval: held.id,
              callDigest: held.callDigest,
              shownDigest: held.shownDigest,
              opened: known(looked?.opened() ?? [], held),
              shape: {
                target: form.get("target"),
                arguments: Object.fromEntries(free.map((pointer) => [pointer, { any: true }])),
              },
              forMs: Number(form.get("forMs")),
              uses: Number(form.get("uses")),
              reason: String(form.get("reason")),
            });
          }}
        >
          <p>
            For calls of {held.agent} to {held.server}.{held.tool} in {held.environment}, where the policy that asks
            allows it; never for what cannot be undone.
          </p>
          <label>
            On
            <select name="target">
              <option value="exact">this very target</option>
              <option value="class">any target of this server and environment</option>
            </select>
          </label>
          <fieldset>
            <legend>Arguments that may differ</legend>
            {pointersOf(held.args).map((pointer) => (
              <label className="check" key={pointer}>
                <input type="checkbox" name="free" value={pointer} /> <Said text={pointer} />
              </label>
            ))}
          </fieldset>
          <label>
            For
            <select name="forMs" defaultValue={3_600_000}>
              {spans.map(([words, ms]) => (
                <option key={ms} value={ms}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <label>
            How many calls
            <input name="uses" type="number" min={1} max={100} defaultValue={5} required />
          </label>
          <label>
            Why
            <input name="reason" required maxLength={2000} />
          </label>
          {deed.error === null ? null : <Trouble of={deed.error} />}
          <RequestDeeds isSending={deed.isPending}>Grant</RequestDeeds>
        </form>
      )}
    </RequestDialog>
  );
}

function pointersOf(args: unknown): readonly string[] {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return [];
  return Object.keys(args).map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
}
