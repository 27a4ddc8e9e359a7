import type { WhoCanLine } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { A, useAddress } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { Answer } from "./answer.tsx";
import { Why } from "./why.tsx";

const columns: readonly Column<WhoCanLine>[] = [
  { name: "agent", of: ({ agent }) => agent },
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "tier", of: ({ tier }) => tier },
  { name: "tool", of: ({ tool }) => tool },
  { name: "verb", of: ({ verb }) => verb },
  { name: "environment", of: ({ environment }) => environment },
  { name: "answer", of: ({ answer }) => answer },
  { name: "why", of: (line) => line.sentence },
  { name: "no key", of: ({ keyless }) => keyless ?? null },
  { name: "policies", of: ({ policies }) => policies.join(" ") },
];

const pageSize = 200;
const order = ["allow", "require", "depends", "deny"] as const;

/** Who can do what, where and why, as the engine answers it; the question stands in the address. */
export function WhoCan() {
  const { query, put } = useAddress();
  const asked = (name: string): string => query.get(name) ?? "";
  const [agent, tool, environment] = [asked("agent"), asked("tool"), asked("environment")];
  const [from, setFrom] = useState(0);
  const names = useQuery({
    queryKey: ["plane", "names"],
    queryFn: async () => {
      const [agents, tools] = await Promise.all([plane().identity.agents(), plane().rules.tools()]);
      return { agents: agents.filter(({ workflow }) => workflow !== null), tools };
    },
    staleTime: 30_000,
  });
  const isAsked = agent !== "" || tool !== "" || environment !== "";
  const named = {
    ...(agent === "" ? {} : { agent }),
    ...(tool === "" ? {} : { tool }),
    ...(environment === "" ? {} : { environment }),
  };
  const found = useQuery({
    queryKey: ["plane", "who-can", agent, tool, environment],
    queryFn: () => plane().policies.whoCan(named),
    enabled: isAsked,
  });
  const wanted = asked("answer");
  const answers = (found.data?.answers ?? [])
    .filter(({ answer }) => wanted === "" || answer === wanted)
    .toSorted((one, other) => order.indexOf(one.answer) - order.indexOf(other.answer));
  const shown = answers.slice(from, from + pageSize);
  return (
    <>
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const value = (name: string): string => String(form.get(name)).trim();
          setFrom(0);
          put({
            agent: value("agent"),
            tool: value("tool"),
            environment: value("environment"),
            answer: value("answer"),
          });
        }}
      >
        <label>
          Who
          <select name="agent" key={`agent ${agent} ${names.data !== undefined}`} defaultValue={agent}>
            <option value="">any agent</option>
            {names.data?.agents.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="grow">
          What
          <input
            name="tool"
            key={`tool ${tool}`}
            list="tool-names"
            defaultValue={tool}
            placeholder="any tool"
            maxLength={256}
          />
        </label>
        <datalist id="tool-names">
          {names.data?.tools.tools.map(({ id }) => (
            <option key={id} value={id} />
          ))}
        </datalist>
        <label>
          Where
          <select
            name="environment"
            key={`environment ${environment} ${names.data !== undefined}`}
            defaultValue={environment}
          >
            <option value="">anywhere</option>
            {names.data?.tools.environments.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Answer
          <select name="answer" key={`answer ${wanted}`} defaultValue={wanted}>
            <option value="">any</option>
            <option value="allow">may</option>
            <option value="require">must ask</option>
            <option value="depends">depends on the call</option>
            <option value="deny">may not</option>
          </select>
        </label>
        <button type="submit">Ask the engine</button>
      </form>
      {names.error === null ? null : <Trouble of={names.error} />}
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {isAsked ? null : (
        <p>
          Name an agent, a tool or an environment. The engine that decides each call answers for every combination, with
          its reason; the address of this page is the question, to be kept or sent on.
        </p>
      )}
      {found.data === undefined ? null : (
        <>
          <p className="quiet">
            {answers.length} {answers.length === 1 ? "answer" : "answers"}. They take for granted: {found.data.assumes}.
          </p>
          <div className="wide">
            <table className="names stack">
              <thead>
                <tr>
                  <th scope="col">Agent</th>
                  <th scope="col">Tool</th>
                  <th scope="col">Where</th>
                  <th scope="col">Answer</th>
                  <th scope="col">Why</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((line) => (
                  <Line key={`${line.agent} ${line.tool} ${line.verb} ${line.environment}`} line={line} />
                ))}
              </tbody>
            </table>
          </div>
          {answers.length > shown.length ? (
            <div className="deeds">
              <p role="status">
                {from + 1} to {from + shown.length} of {answers.length}.
              </p>
              {from === 0 ? null : (
                <button type="button" onClick={() => setFrom(from - pageSize)}>
                  Those before
                </button>
              )}
              {from + pageSize < answers.length ? (
                <button type="button" onClick={() => setFrom(from + pageSize)}>
                  The next ones
                </button>
              ) : null}
            </div>
          ) : null}
          <Save name="who-can" columns={columns} rows={shown} />
        </>
      )}
    </>
  );
}

function Line({ line }: { readonly line: WhoCanLine }) {
  const [isOpen, setOpen] = useState(false);
  const { agent, workflow, tier, tool, verb, environment, production, answer, policies, depends, vetoes, observed } =
    line;
  const named = answer === "depends" ? depends : policies;
  return (
    <Fragment>
      <tr data-answer={answer} data-agent={agent} data-tool={tool} data-verb={verb} data-environment={environment}>
        <td>
          {agent}
          <br />
          <small>
            {workflow}, tier {tier}
          </small>
        </td>
        <td>
          <Said text={tool} />
          <br />
          <small>{verb}</small>
        </td>
        <td>
          {environment}
          {production ? <small> production</small> : null}
        </td>
        <td>
          <Answer of={answer} />
          {line.keyless === undefined ? null : (
            <small className="held"> ({answer === "deny" ? "and no key for it" : "not now: no key for it"})</small>
          )}
          {observed === undefined ? null : <small> (enforced: {observed === "deny" ? "may not" : "must ask"})</small>}
        </td>
        <td>
          <Told text={sentence(line.sentence)} />{" "}
          {named.map((id, at) => (
            <small key={id}>
              {at === 0 ? "By " : ", "}
              <A to={`/policies/${encodeURIComponent(id)}`}>{id}</A>
            </small>
          ))}
          {line.keyless === undefined ? null : (
            <>
              <Told text={sentence(line.keyless)} />{" "}
            </>
          )}
          {vetoes.length === 0 ? null : <small> A veto is asked, too: {vetoes.join(", ")}.</small>}{" "}
          <button type="button" className="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Conditions
          </button>
        </td>
      </tr>
      {isOpen ? (
        <tr className="why">
          <td colSpan={5}>
            <Why agent={agent} tool={tool} verb={verb} environment={environment} />
          </td>
        </tr>
      ) : null}
    </Fragment>
  );
}
