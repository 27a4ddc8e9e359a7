import type { RunView } from "@countersign/client";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Raw, Said } from "../parts/machine.tsx";
import { Id } from "./id.tsx";

/** How a run was opened, for what, and what it has read since. */
export function RunFacts({ run }: { readonly run: RunView }) {
  const { opened, marks } = run;
  return (
    <>
      <dl className="facts">
        <dt>Agent</dt>
        <dd>
          {run.agent} in workflow {run.workflow}
        </dd>
        <dt>Opened by</dt>
        <dd>
          {opened === null ? (
            "nobody: the plane keeps together what one key asked for in a day"
          ) : (
            <>
              {opened.by}, <Ago at={opened.at} />
              {opened.trusted ? "" : " (an agent: what its task says is not trusted)"}
              {opened.closedAt === null ? null : (
                <>
                  ; closed <Ago at={opened.closedAt} />
                </>
              )}
            </>
          )}
        </dd>
        {opened?.parent == null ? null : (
          <>
            <dt>Under</dt>
            <dd>
              <A to={`/runs/${opened.parent}`}>
                run <Id of={opened.parent} />
              </A>
            </dd>
          </>
        )}
        {opened?.task == null ? null : (
          <>
            <dt>Task</dt>
            <dd>
              <Said text={opened.task} />
            </dd>
          </>
        )}
        <dt>Has read</dt>
        <dd>
          {marks.length === 0 ? (
            "nothing that others write, and nothing confidential"
          ) : (
            <ul className="plain">
              {marks.map(({ kind, label, tool, action, at }) => (
                <li key={`${kind} ${label} ${action}`}>
                  {kind === "taint" ? "what others write" : `${label} data`}, by <Said text={tool} />,{" "}
                  {action === "" ? (
                    <Ago at={at} />
                  ) : (
                    <A to={`/actions/${action}`}>
                      <Ago at={at} />
                    </A>
                  )}
                </li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
      {opened?.plan == null ? null : (
        <details>
          <summary>Its plan: {opened.plan.length} steps; any other is marked</summary>
          <ol>
            {opened.plan.map((step, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps of one plan have no other name
              <li key={at}>
                <Said text={step.tool} />
                {typeof step.target === "string" ? (
                  <>
                    {" on "}
                    <Said text={step.target} />
                  </>
                ) : (
                  " on any target"
                )}
              </li>
            ))}
          </ol>
        </details>
      )}
      {opened?.parameters == null ? null : (
        <details>
          <summary>Its parameters</summary>
          <Raw value={opened.parameters} label="parameters" />
        </details>
      )}
    </>
  );
}
