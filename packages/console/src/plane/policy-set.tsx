import type { Policies } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useAddress } from "../address.tsx";
import { count, Said, Short } from "../parts/machine.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { PolicyDetail } from "./policy-detail.tsx";
import { useDecisions } from "./use-decisions.ts";

export type Policy = Policies["policies"][number];

const columns: readonly Column<Policy>[] = [
  { name: "policy", of: ({ id }) => id },
  { name: "title", of: ({ title }) => title },
  { name: "effect", of: ({ effect }) => effect },
  { name: "source", of: ({ source }) => source },
  { name: "file", of: ({ file }) => file },
  { name: "mode", of: ({ mode }) => mode },
  { name: "digest", of: ({ digest }) => digest },
];

export const sources = {
  own: "the organisation's own",
  workflow: "made from a workflow's file",
  shipped: "shipped with the product",
} as const;

/** Every policy in force, with what it decided lately. */
export function PolicySet() {
  const { parts, query, put } = useAddress();
  const id = parts[1];
  const filter = query.get("q") ?? "";
  const found = useQuery({ queryKey: ["plane", "policies"], queryFn: () => plane().rules.policies() });
  const decided = useDecisions();
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  const { revision, digest, policies, warnings } = found.data;
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = policies.filter((policy) => {
    const text =
      `${policy.id} ${policy.title ?? ""} ${policy.effect} ${policy.source} ${policy.file} ${policy.mode}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const search = filter === "" ? "" : `?q=${encodeURIComponent(filter)}`;
  const usedBy = (policy: string) => decided.data?.policies.find((one) => one.policy === policy);
  const list = (
    <>
      {trouble}
      <p>
        Revision {revision}, <Short of={digest} length={12} />: {policies.length} policies.
      </p>
      {warnings.length === 0 ? null : (
        <details className="claim" open>
          <summary>{warnings.length} warnings of the validator</summary>
          <ul>
            {warnings.map(({ file, detail }) => (
              <li key={`${file} ${detail}`}>
                <code>{file}</code>: <Said text={detail} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {policies.length === 0 ? (
        <Empty>
          <p>No policy is in force, so everything is refused.</p>
          <p>
            Workflow files make policies by themselves; the organisation's own guardrails go into{" "}
            <code>policies/*.cedar</code>. <code>npx countersign apply</code> puts both in force.
          </p>
        </Empty>
      ) : (
        <>
          <div className="bar">
            <label className="grow">
              Narrow to
              <input
                type="search"
                value={filter}
                maxLength={200}
                placeholder="part of a name, forbid, own, a file"
                onChange={(event) => put({ q: event.target.value })}
              />
            </label>
          </div>
          <p className="quiet" role="status">
            {shown.length} shown
            {decided.data === undefined
              ? ""
              : `; decisions counted over the newest ${count(decided.data.looked)} actions`}
          </p>
          <Rows
            label="policies"
            items={shown}
            to={(policy) => `/policies/${encodeURIComponent(policy.id)}${search}`}
            current={id === undefined ? undefined : `/policies/${encodeURIComponent(id)}${search}`}
            first={(policy) => (
              <>
                <span>{policy.title ?? <Said text={policy.id} />}</span>
                <Effect of={policy.effect} />
              </>
            )}
            second={(policy) => {
              const use = usedBy(policy.id);
              const times = [
                ...(use === undefined || use.determined === 0 ? [] : [`decided ${count(use.determined)}`]),
                ...(use === undefined || use.missed === 0 ? [] : [`came close ${count(use.missed)}`]),
              ];
              return (
                <>
                  <Said text={policy.id} />
                  {policy.mode === "observe" ? " · only observed" : ""}
                  {times.map((one) => ` · ${one}`)}
                </>
              );
            }}
          />
          <Save name="policies" columns={columns} rows={shown} />
        </>
      )}
    </>
  );
  const open = policies.find((policy) => policy.id === id);
  return (
    <Pair
      list={list}
      back={{ to: `/policies${search}`, words: "All policies" }}
      detail={
        id === undefined ? undefined : open === undefined ? (
          <p>No policy of that name is in force.</p>
        ) : (
          <PolicyDetail key={open.id} policy={open} />
        )
      }
    />
  );
}

export function Effect({ of }: { readonly of: Policy["effect"] }) {
  return of === "permit" ? (
    <span className="state allowed">
      <span aria-hidden="true">●</span> permit
    </span>
  ) : (
    <span className="state refused">
      <span aria-hidden="true">⊘</span> forbid
    </span>
  );
}
