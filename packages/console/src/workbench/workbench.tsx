import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { A, useAddress } from "../address.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { Conditions } from "../runs/conditions.tsx";
import { Id } from "../runs/id.tsx";
import { Asked } from "./asked.tsx";
import { CaseBench } from "./case-bench.tsx";
import { OfRun } from "./of-run.tsx";
import { Permissions } from "./permissions.tsx";
import { RuleBench } from "./rule-bench.tsx";

/** `/workbench/ACTION`: what was asked and why it was decided so, the case of it, and a rule to propose, on one screen. */
export default function Workbench() {
  const { parts } = useAddress();
  const [, id] = parts;
  useTitle(id === undefined ? "Workbench" : `Workbench ${id.slice(0, 12)}`);
  return (
    <>
      <h1>Workbench</h1>
      {id === undefined ? <Pick /> : <Bench key={id} id={id} />}
    </>
  );
}

function Pick() {
  const { go } = useAddress();
  return (
    <>
      <p>
        Take one decision apart: what was asked, which conditions held, a case that says what should have been decided,
        and a rule that makes it so.
      </p>
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault();
          const id = String(new FormData(event.currentTarget).get("action")).trim();
          if (id !== "") go(`/workbench/${encodeURIComponent(id)}`);
        }}
      >
        <label className="grow">
          An action, by its id
          <input name="action" required placeholder="act_…" maxLength={60} />
        </label>
        <button type="submit">Take it</button>
      </form>
      <OfRun run={undefined} current={undefined} />
    </>
  );
}

function Bench({ id }: { readonly id: string }) {
  const [written, setWritten] = useState<string | undefined>(undefined);
  const action = useQuery({ queryKey: ["actions", "one", id], queryFn: () => plane().actions.get(id) });
  const files = useQuery({ queryKey: ["plane", "files"], queryFn: () => plane().rules.files(), staleTime: 60_000 });
  const tools = useQuery({ queryKey: ["plane", "tools"], queryFn: () => plane().rules.tools() });
  const trouble = action.error === null ? null : <Trouble of={action.error} again={() => void action.refetch()} />;
  // What is written here stands in no other place: it stays over a reading that fails.
  if (action.data === undefined) return trouble;
  const { agent, workflow, server, tool, environment, target, run, state } = action.data;
  const named = tool.startsWith(`${server}.`) ? tool : `${server}.${tool}`;
  const caseFile = `policies/${id}.test.yaml`;
  return (
    <>
      <p className="quiet crumbs">
        <A to="/workbench">Workbench</A> › <Id of={id} /> · <A to={`/actions/${id}`}>its receipt</A>
      </p>
      {trouble}
      <div className="bench">
        <div>
          <Asked action={action.data} />
          <OfRun run={run} current={id} />
          <section aria-label="Why">
            <h2>Why it was decided so</h2>
            <Conditions id={id} step={state.length} />
          </section>
          <Permissions agent={agent} tool={named} />
        </div>
        <div>
          {files.error !== null ? <Trouble of={files.error} again={() => void files.refetch()} /> : null}
          {tools.error !== null ? <Trouble of={tools.error} again={() => void tools.refetch()} /> : null}
          {files.data === undefined ? null : (
            <>
              <CaseBench id={id} file={caseFile} inForce={files.data.files} written={written} write={setWritten} />
              <RuleBench
                about={{ action: id, workflow, tool: named, environment, target }}
                tools={tools.data?.tools.map((one) => one.id)}
                now={{ files: files.data.files, digest: files.data.digest ?? undefined }}
                file={caseFile}
                written={written}
              />
            </>
          )}
        </div>
      </div>
    </>
  );
}
