import type { KeyBody, ToolList } from "@countersign/client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ago } from "../parts/ago.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask, plane } from "../plane.ts";

const days = [
  ["90 days", 90],
  ["30 days", 30],
  ["7 days", 7],
  ["a day", 1],
] as const;

/** A new key, shown once: it stands in this dialog and nowhere else, and is forgotten when that closes. */
export function KeyDialog({
  agent,
  how,
  close,
}: {
  readonly agent: string;
  readonly how: "issue" | "rotate" | undefined;
  readonly close: () => void;
}) {
  const queries = useQueryClient();
  const [isCopied, setCopied] = useState(false);
  const places = useQuery({
    queryKey: ["plane", "tools"],
    queryFn: () => ask<ToolList>("/v1/tools"),
    enabled: how !== undefined,
  });
  const issue = useMutation({
    mutationFn: (body: KeyBody) =>
      how === "rotate" ? plane().identity.rotateKey(agent, body) : plane().identity.issueKey(agent, body),
    gcTime: 0,
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["plane", "credentials", agent] }),
  });
  const done = (): void => {
    issue.reset();
    setCopied(false);
    close();
  };
  const title = how === "rotate" ? `A new key beside the old one of ${agent}` : `A key for ${agent}`;
  return (
    <Dialog isOpen={how !== undefined} close={done} title={title}>
      {issue.data === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            const note = String(form.get("note")).trim();
            issue.mutate({
              environment: String(form.get("environment")),
              expiresInMs: Number(form.get("days")) * 86_400_000,
              ...(note === "" ? {} : { note }),
            });
          }}
        >
          {how === "rotate" ? (
            <p>Both work until you revoke the old one: first put the new one in use, then look here that it is used.</p>
          ) : (
            <p>Whoever holds it acts as this agent, within what the agent may do in that environment.</p>
          )}
          <label>
            Environment
            <select name="environment">
              {(places.data?.environments ?? []).map(({ name, production }) => (
                <option key={name} value={name}>
                  {name}
                  {production ? " (production)" : ""}
                </option>
              ))}
            </select>
          </label>
          <label>
            It works for
            <select name="days">
              {days.map(([words, count]) => (
                <option key={count} value={count}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <label>
            Note: where it will be kept
            <input name="note" maxLength={200} />
          </label>
          {issue.error === null ? null : <Trouble of={issue.error} />}
          <div className="deeds">
            <Send type="submit" disabled={places.data === undefined} isSending={issue.isPending}>
              {how === "rotate" ? "Rotate" : "Issue"}
            </Send>
            <button type="button" onClick={done}>
              Not now
            </button>
          </div>
        </form>
      ) : (
        <>
          <p>
            <strong>Copy it now: it is shown this once.</strong> It is not kept here, and nobody can read it back.
          </p>
          <p className="key-once machine" data-key="">
            {issue.data.key}
          </p>
          <div className="deeds">
            <button
              type="button"
              onClick={() => void navigator.clipboard?.writeText(issue.data.key).then(() => setCopied(true))}
            >
              {isCopied ? "Copied" : "Copy"}
            </button>
            <button type="button" onClick={done}>
              I have it
            </button>
          </div>
          {issue.data.observedUntil === undefined ? null : (
            <p className="claim">
              Its workflow is only observed until {issue.data.observedUntil}: until then what its rules refuse or ask
              about passes, but for executions in production, and in a <code>copilot-only</code> workflow for all
              executions.
            </p>
          )}
          <p className="quiet">
            It ends <Ago at={issue.data.expiresAt} />.
          </p>
        </>
      )}
    </Dialog>
  );
}
