import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ago } from "../parts/ago.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Said } from "../parts/machine.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import type { Workflow } from "./workflow-row.ts";

/** Tiers that are in force for some days without being earned: asked by one person, signed by another. */
export function Waivers({ workflow }: { readonly workflow: Workflow }) {
  const me = usePerson();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["plane", "waivers"], queryFn: () => plane().rules.waivers() });
  const sign = useMutation({
    mutationFn: (id: string) => plane().rules.signWaiver(id),
    onSuccess: () => void queries.invalidateQueries(),
  });
  const inForce = found.data?.inForce.filter((one) => one.workflow === workflow.name) ?? [];
  const proposed = found.data?.proposed.filter((one) => one.workflow === workflow.name) ?? [];
  return (
    <section aria-label="Waivers">
      <h3>Waivers</h3>
      {found.error === null ? null : <Trouble of={found.error} />}
      {inForce.length + proposed.length === 0 ? (
        <p>
          None. A tier is earned; a waiver puts it in force for some days without that. One person asks, another signs.
        </p>
      ) : null}
      {inForce.map((one) => (
        <div className="entry" key={one.id}>
          <p>
            Tier {one.tier} for {one.agent}, until <Ago at={one.until} />, by {one.by.join(" and ")}:{" "}
            <Said text={one.reason} />
          </p>
          <ReasonDialog
            of={one.id}
            words="End it now"
            title="End this waiver"
            label="Why"
            act={(reason) => plane().rules.endWaiver(one.id, reason)}
          >
            <p>From then on the tier that was earned is in force; what is held is decided again under it.</p>
          </ReasonDialog>
        </div>
      ))}
      {proposed.map((one) => (
        <div className="entry" key={one.id}>
          <p>
            {one.by} asks for tier {one.tier} for {one.agent} for {one.days} days: <Said text={one.reason} />
          </p>
          {!one.yours ? (
            <p className="quiet">
              {one.by === me.email ? "You asked for it, so somebody else signs it." : "This is not yours to sign."}
            </p>
          ) : (
            <Send type="button" isSending={sign.isPending} onClick={() => sign.mutate(one.id)}>
              Sign it: tier {one.tier} from now
            </Send>
          )}
        </div>
      ))}
      {sign.error === null ? null : <Trouble of={sign.error} />}
      <AskWaiver workflow={workflow} />
    </section>
  );
}

function AskWaiver({ workflow }: { readonly workflow: Workflow }) {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const asked = useMutation({
    mutationFn: (form: FormData) =>
      plane().rules.proposeWaiver({
        workflow: workflow.name,
        agent: String(form.get("agent")),
        tier: Number(form.get("tier")) as 1 | 2 | 3,
        days: Number(form.get("days")),
        reason: String(form.get("reason")),
      }),
    onSuccess: () => {
      setOpen(false);
      void queries.invalidateQueries();
    },
  });
  if (workflow.agents.length === 0) return null;
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Ask for a waiver
      </button>
      <Dialog isOpen={isOpen} close={() => setOpen(false)} title="Ask for a waiver">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            asked.mutate(new FormData(event.currentTarget));
          }}
        >
          <p>Nothing changes until a second person signs it, here on this page.</p>
          <label>
            Agent
            <select name="agent">
              {workflow.agents.map((agent) => (
                <option key={agent}>{agent}</option>
              ))}
            </select>
          </label>
          <label>
            Tier
            <select name="tier" defaultValue={String(Math.max(1, workflow.tier))}>
              <option value="1">1: proposes</option>
              <option value="2">2: executes outside production</option>
              <option value="3">3: named production tools</option>
            </select>
          </label>
          <label>
            Days
            <input name="days" type="number" min={1} max={30} defaultValue={7} required />
          </label>
          <label>
            Why
            <textarea name="reason" required rows={3} maxLength={2000} />
          </label>
          {asked.error === null ? null : <Trouble of={asked.error} />}
          <div className="deeds">
            <Send type="submit" isSending={asked.isPending}>
              Ask
            </Send>
            <button type="button" onClick={() => setOpen(false)}>
              Not now
            </button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
