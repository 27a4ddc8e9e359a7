import type { Grant } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import { useKeys } from "../keys.tsx";
import { Ago, useTick } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { Save } from "../parts/save.tsx";
import { Send } from "../parts/send.tsx";
import { Told } from "../parts/told.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { grantColumns } from "./columns.ts";
import { useDeed } from "./use-deed.ts";

/** Standing approvals: how long still, how many calls still, and the way to take one back. */
export default function Grants() {
  useTick(1_000);
  const found = useQuery({
    queryKey: ["grants"],
    queryFn: async () => (await ask<{ readonly grants: readonly Grant[] }>("/v1/grants")).grants,
    refetchInterval: 10_000,
  });
  const grants = found.data ?? [];
  const mine = grants.filter((one) => one.yours && one.state === "in_force");
  const [only] = mine;
  const [chosen, choose] = useState<string | undefined>(undefined);
  useKeys(
    only !== undefined && mine.length === 1
      ? [{ press: "x", does: "take the one grant back", run: () => choose(only.id) }]
      : [],
  );
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  if (grants.length === 0)
    return (
      <>
        {trouble}
        <div className="empty">
          <p>No grant is in force.</p>
          <p>
            On a request, <em>Approve calls like this for a while</em> makes one, where the workflow's <code>ask</code>{" "}
            says <code>grants: true</code>.
          </p>
        </div>
      </>
    );
  return (
    <>
      {trouble}
      <ul className="rows">
        {grants.map((one) => (
          <li key={one.id}>
            <div className="row">
              <span className="first">
                <span>
                  {one.agent}: {one.server}.{one.tool} on{" "}
                  {one.shape.target === "exact" ? (
                    <Said text={one.target} />
                  ) : (
                    `anything of ${one.server} in ${one.environment}`
                  )}
                </span>
                <span>
                  {one.state === "in_force" ? (
                    <>
                      ends <Ago at={one.until} /> · {one.uses - one.used} of {one.uses} left
                    </>
                  ) : (
                    <Told
                      text={`${one.state.replace("_", " ")}${one.because === undefined ? "" : `: ${one.because}`}`}
                    />
                  )}
                </span>
              </span>
              <p className="quiet">
                by {one.by}: <Said text={one.reason} />
                {Object.keys(one.shape.arguments).length === 0 ? null : (
                  <>
                    {" "}
                    · may differ: <Said text={Object.keys(one.shape.arguments).join(", ")} />
                  </>
                )}{" "}
                · <A to={`/actions/${one.approval}`}>the call that was looked at</A>
              </p>
              {one.yours && (one.state === "in_force" || one.state === "frozen") ? (
                <Revoke id={one.id} isOpen={chosen === one.id} open={() => choose(one.id)} />
              ) : null}
            </div>
          </li>
        ))}
      </ul>
      <Save name="grants" columns={grantColumns} rows={grants} />
    </>
  );
}

function Revoke({ id, isOpen, open }: { readonly id: string; readonly isOpen: boolean; readonly open: () => void }) {
  const deed = useDeed(`/v1/grants/${id}/revoke`, () => undefined);
  if (!isOpen)
    return (
      <button type="button" onClick={open}>
        Take it back
      </button>
    );
  return (
    <form
      className="bar"
      onSubmit={(event) => {
        event.preventDefault();
        deed.mutate({ reason: String(new FormData(event.currentTarget).get("reason")) });
      }}
    >
      <label className="grow">
        Why
        <input name="reason" required maxLength={2000} />
      </label>
      <Send type="submit" isSending={deed.isPending}>
        Take it back now
      </Send>
      {deed.error === null ? null : <Trouble of={deed.error} />}
    </form>
  );
}
