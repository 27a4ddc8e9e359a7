import { useQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { Prose } from "./prose.tsx";
import { WorkflowDetail } from "./workflow-detail.tsx";
import { observingWords, type Workflow, workflowOf } from "./workflow-row.ts";

const columns: readonly Column<Workflow>[] = [
  { name: "workflow", of: ({ name }) => name },
  { name: "purpose", of: ({ purpose }) => purpose },
  { name: "DRI", of: ({ dri }) => dri },
  { name: "deputy", of: ({ deputy }) => deputy ?? null },
  { name: "tier asked for", of: ({ tier }) => tier },
  { name: "pattern", of: ({ pattern }) => pattern },
  { name: "agents", of: ({ agents }) => agents.join(" ") },
];

/** The workflows in force, each under its rules of the road. */
export default function Workflows() {
  const { parts, query } = useAddress();
  const name = parts[1];
  useTitle(name ?? "Workflows");
  const found = useQuery({
    queryKey: ["plane", "workflows"],
    queryFn: async () => (await plane().rules.workflows()).map(workflowOf),
  });
  const all = found.data ?? [];
  const today = new Date().toISOString().slice(0, 10);
  const open = all.find((workflow) => workflow.name === name);
  if (query.get("view") === "draft") return <Prose />;
  const list = (
    <>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {found.data !== undefined && all.length === 0 ? (
        <Empty>
          <p>No workflow is in force, so no agent may do anything.</p>
          <p>
            <code>npx countersign init</code> makes a first one; or write <code>workflows/&lt;name&gt;.yaml</code> and{" "}
            <code>npx countersign apply</code>.
          </p>
        </Empty>
      ) : (
        <>
          <Rows
            label="workflows"
            items={all}
            to={(one) => `/workflows/${encodeURIComponent(one.name)}`}
            current={name === undefined ? undefined : `/workflows/${encodeURIComponent(name)}`}
            first={(one) => (
              <>
                <strong>
                  <Said text={one.name} />
                </strong>
                <span className="quiet">
                  {observingWords(one, today) === undefined ? `tier ${one.tier} asked for` : "only observed"}
                </span>
              </>
            )}
            second={(one) => (
              <>
                {one.dri} ·{" "}
                <span className="plain">
                  <Said text={one.purpose} />
                </span>
              </>
            )}
          />
          <Save name="workflows" columns={columns} rows={all} />
        </>
      )}
      <p>
        <A to="/workflows?view=draft">Write one in two paragraphs</A>, and get a draft of its file.
      </p>
    </>
  );
  const isGone = name !== undefined && open === undefined && found.data !== undefined;
  return (
    <>
      <h1>Workflows</h1>
      <Pair
        list={list}
        back={{ to: "/workflows", words: "All workflows" }}
        detail={
          open !== undefined ? (
            <WorkflowDetail key={open.name} workflow={open} />
          ) : isGone ? (
            <p>No workflow of that name is in force.</p>
          ) : undefined
        }
      />
    </>
  );
}
