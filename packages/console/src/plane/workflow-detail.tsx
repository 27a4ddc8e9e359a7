import type { WorkflowRules } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { count, Said } from "../parts/machine.tsx";
import { Facts, Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { listOf } from "../runs/search.ts";
import { RoadFile } from "./road-file.tsx";
import { TestPage } from "./test-page.tsx";
import { Waivers } from "./waivers.tsx";
import { mayWords, moneyWords, observingWords, permissionRows, type Workflow } from "./workflow-row.ts";

/** A workflow: its rules of the road first, then who answers, what it may do, and what is written but not enforced. */
export function WorkflowDetail({ workflow }: { readonly workflow: Workflow }) {
  const { name } = workflow;
  const road = useQuery({ queryKey: ["plane", "road", name], queryFn: () => plane().rules.road(name) });
  return (
    <article>
      <h2>
        <Said text={name} />
      </h2>
      {road.error === null ? null : <Trouble of={road.error} again={() => void road.refetch()} />}
      {road.data === undefined ? null : (
        <>
          <section className="road" aria-label="Rules of the road">
            {road.data.paragraphs.map((paragraph) => (
              <p key={paragraph}>
                <Told text={paragraph} />
              </p>
            ))}
          </section>
          <NotEnforced road={road.data} />
          <RoadFile road={road.data} />
        </>
      )}
      <Answering workflow={workflow} road={road.data} />
      <Permissions workflow={workflow} />
      <Budget workflow={workflow} />
      <Waivers workflow={workflow} />
      <TestPage workflow={name} />
      <p>
        <A to={listOf("runs", { workflow: name })}>Its runs</A> · <A to="/policies?view=draft">Change it as a draft</A>
      </p>
    </article>
  );
}

/** What the file says and this version does not enforce: said before anybody relies on it. */
function NotEnforced({ road }: { readonly road: WorkflowRules }) {
  const loose = road.rules.filter(({ state }) => state !== "enforced");
  if (loose.length === 0) return null;
  return (
    <section className="claim" aria-label="Not enforced">
      <p>
        <strong>Written there, and not enforced:</strong>
      </p>
      <ul>
        {loose.map(({ rule, why, state, stated }) => (
          <li key={rule}>
            {stated ? (
              <q>
                <Said text={rule} />
              </q>
            ) : (
              <Told text={rule} />
            )}
            {state === "observed" ? " is observed only" : ""}: <Told text={sentence(why)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Answering({ workflow, road }: { readonly workflow: Workflow; readonly road: WorkflowRules | undefined }) {
  const { dri, deputy, cover, agents } = workflow;
  const covering = road?.answering.filter((one) => one.as === "cover") ?? [];
  return (
    <>
      <h3>Who answers for it</h3>
      <Facts
        of={[
          ["DRI", <strong key="dri">{dri}</strong>],
          ["Deputy", deputy ?? <span className="held">nobody: name one in its file</span>],
          [
            "Cover",
            cover.length === 0
              ? "none planned"
              : cover.map(({ person, from, to }) => `${person} from ${from} to ${to}`).join("; "),
          ],
          [
            "Today",
            covering.length === 0 ? "no cover: the DRI and the deputy" : covering.map((one) => one.person).join(", "),
          ],
          [
            "Agents",
            agents.length === 0
              ? "none"
              : agents.map((agent, at) => (
                  <span key={agent}>
                    {at === 0 ? "" : ", "}
                    <A to={`/agents/${encodeURIComponent(agent)}`}>{agent}</A>
                  </span>
                )),
          ],
        ]}
      />
    </>
  );
}

const mayShapes = { free: ["●", "allowed"], asks: ["◐", "held"], never: ["⊘", "refused"] } as const;

function Permissions({ workflow }: { readonly workflow: Workflow }) {
  const rows = permissionRows(workflow);
  const observing = observingWords(workflow, new Date().toISOString().slice(0, 10));
  return (
    <>
      <h3>What it may do</h3>
      {observing === undefined ? null : (
        <p className="claim">
          <strong>{observing}.</strong>
        </p>
      )}
      <div className="wide">
        <table className="names">
          <thead>
            <tr>
              <th scope="col">Tool</th>
              <th scope="col">It</th>
              <th scope="col">How</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ tool, may, how }) => {
              const [shape, tone] = mayShapes[may];
              return (
                <tr key={`${may} ${tool}`}>
                  <td>
                    <A to={`/tools/${encodeURIComponent(tool)}`}>
                      <Said text={tool} />
                    </A>
                  </td>
                  <td>
                    <span className={`state ${tone}`}>
                      <span aria-hidden="true">{shape}</span> {mayWords(may, observing !== undefined)}
                    </span>
                  </td>
                  <td>{how}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="quiet">
        {observing === undefined
          ? "Every other tool is refused."
          : "While it is enforced, every other tool is refused."}{" "}
        The tier in force and the organisation's own policies can only take away from this:{" "}
        <A to={`/policies?view=who-can&agent=${encodeURIComponent(workflow.agents[0] ?? "")}`}>ask the engine</A>.
      </p>
    </>
  );
}

function Budget({ workflow: { budget } }: { readonly workflow: Workflow }) {
  const { run, day, alert, calls } = budget;
  const limit = (most: number | undefined, per: string): readonly string[] =>
    most === undefined ? [] : [`${count(most)} a ${per}`];
  const numbers = [...limit(calls.perMinute, "minute"), ...limit(calls.perRun, "run"), ...limit(calls.perDay, "day")];
  return (
    <>
      <h3>Budget</h3>
      <Facts
        of={[
          ["Calls", numbers.length === 0 ? "as the organisation lets it" : numbers.join(", ")],
          ...(run === undefined
            ? []
            : [["Money for a run", `${moneyWords(run)}, written down and not enforced yet`] as const]),
          ...(day === undefined
            ? []
            : [["Money for a day", `${moneyWords(day)}, written down and not enforced yet`] as const]),
          ["People are told", `at ${Math.round(alert * 10_000) / 100} % of a day's calls`],
        ]}
      />
    </>
  );
}
