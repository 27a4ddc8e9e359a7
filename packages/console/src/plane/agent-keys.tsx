import type { Credential, CredentialUses } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Ago } from "../parts/ago.tsx";
import { Said, Short } from "../parts/machine.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { Empty } from "../parts/rows.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask, plane } from "../plane.ts";
import { KeyDialog } from "./key-dialog.tsx";

/** An agent's credentials: live ones first, with who used them from where. */
export function AgentKeys({ agent }: { readonly agent: string }) {
  const [asked, setAsked] = useState<"issue" | "rotate" | undefined>(undefined);
  const found = useQuery({
    queryKey: ["plane", "credentials", agent],
    queryFn: async () => {
      const [credentials, uses] = await Promise.all([
        plane().identity.credentials(agent),
        ask<CredentialUses>("/v1/credentials/uses"),
      ]);
      return { credentials, uses };
    },
  });
  const nowMs = Date.now();
  const isLive = (one: Credential): boolean => one.revokedAtMs === null && one.expiresAtMs > nowMs;
  const all = found.data?.credentials.toSorted((one, other) => other.createdAtMs - one.createdAtMs) ?? [];
  const live = all.filter(isLive);
  const ended = all.filter((one) => !isLive(one));
  return (
    <section aria-label="Keys">
      <h3>Keys</h3>
      {found.error === null ? null : <Trouble of={found.error} />}
      {found.data !== undefined && live.length === 0 ? (
        <Empty>
          <p>It has no live key, so nothing can act in its name. Issue one and give it to whoever runs the agent.</p>
        </Empty>
      ) : null}
      {live.map((one) => (
        <Key key={one.id} of={one} uses={found.data?.uses} />
      ))}
      <div className="deeds">
        <button type="button" onClick={() => setAsked("issue")}>
          Issue a key
        </button>
        {live.some((one) => one.kind === "agent_key") ? (
          <button type="button" onClick={() => setAsked("rotate")}>
            Rotate
          </button>
        ) : null}
      </div>
      {ended.length === 0 ? null : (
        <details>
          <summary>{ended.length} ended</summary>
          <ul>
            {ended.map((one) => (
              <li key={one.id}>
                <Short of={one.id} length={12} /> in {one.environment ?? "any environment"},{" "}
                {one.revokedAtMs === null ? "expired" : "revoked"}{" "}
                <Ago at={new Date(one.revokedAtMs ?? one.expiresAtMs).toISOString()} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <KeyDialog agent={agent} how={asked} close={() => setAsked(undefined)} />
    </section>
  );
}

const kinds = {
  agent_key: "key",
  agent_jwk: "public key",
  agent_workload: "workload identity",
  person_token: "command line",
} as const;

function Key({ of, uses }: { readonly of: Credential; readonly uses: CredentialUses | undefined }) {
  const shared = uses?.shared.find((one) => one.credential === of.id);
  const seen = uses?.uses.filter((one) => one.credential === of.id) ?? [];
  return (
    <div className="entry">
      <p>
        <Short of={of.id} length={12} /> · {kinds[of.kind]} in {of.environment ?? "any environment"}
        {of.onBehalfOf === null ? "" : `, for ${of.onBehalfOf}`}
      </p>
      <p className="quiet">
        issued by {of.createdBy} <Ago at={new Date(of.createdAtMs).toISOString()} />, ends{" "}
        {of.kind === "agent_workload" ? (
          "with its rule in the workspace"
        ) : (
          <Ago at={new Date(of.expiresAtMs).toISOString()} />
        )}
        ,{" "}
        {of.lastUsedAtMs === null ? (
          "never used"
        ) : (
          <>
            last used <Ago at={new Date(of.lastUsedAtMs).toISOString()} />
          </>
        )}
        {of.note === "" ? null : (
          <>
            {" "}
            · <Said text={of.note} />
          </>
        )}
      </p>
      {shared === undefined ? null : (
        <p className="failed">
          ▲ Two users at once: overlapping uses differ in {shared.differs.join(" and ")}. Rotate it where nobody can
          explain that.
        </p>
      )}
      {seen.length === 0 ? null : (
        <details>
          <summary>seen at {seen.length === 1 ? "one place" : `${seen.length} places`} in the last week</summary>
          <ul>
            {seen.map((one) => (
              <li key={`${one.client} ${one.address} ${one.firstAt}`}>
                <Said text={one.client} /> from <Said text={one.address} />, {one.uses} times, last{" "}
                <Ago at={one.lastAt} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <ReasonDialog
        of={of.id}
        words="Revoke"
        title="Revoke this key"
        label="Why"
        act={(because) => plane().identity.revoke(of.id, because)}
      >
        <p>
          It stops working at once, everywhere. What it began goes on under the rules; nothing new comes in with it.
        </p>
      </ReasonDialog>
    </div>
  );
}
