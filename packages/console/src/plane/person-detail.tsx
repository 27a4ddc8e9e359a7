import type { Agent, Group, Person, Roles, WorkflowRow } from "@countersign/client";
import { A } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { Facts, Told } from "../parts/told.tsx";
import { sentence } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";

export interface World {
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
  readonly agents: readonly Agent[];
  readonly workflows: readonly WorkflowRow[];
  readonly deeds: Roles["deeds"];
  readonly gaps: readonly {
    readonly kind: "agent" | "person" | "group" | "workflow" | "server";
    readonly name: string;
    readonly sentence: string;
  }[];
}

/** What somebody answers for, and what they may do, as the server's own table says. */
export function PersonDetail({ person, world }: { readonly person: Person; readonly world: World }) {
  const leads = world.workflows.filter(({ dri }) => dri === person.email);
  const stands = world.workflows.filter(({ deputy }) => deputy === person.email);
  const owns = world.agents.filter(({ owner }) => owner === person.email);
  const may = world.deeds.flatMap(({ deed, roles, also, second }) => {
    const role = roles.find((one) => person.roles.includes(one));
    const ways = [
      ...(role === undefined ? [] : [`as ${role}`]),
      ...(role === undefined && also.includes("dri") && leads.length > 0 ? ["in their own workflow, as its DRI"] : []),
      ...(role === undefined && also.includes("owner") && owns.length > 0 ? ["for their own agent"] : []),
      ...(role === undefined && also.includes("self") ? ["for themself"] : []),
      ...(also.includes("asked") ? ["where they are asked"] : []),
    ];
    return ways.length === 0 ? [] : [{ deed, how: ways.join(", "), second }];
  });
  const names = (all: readonly { readonly name: string }[], under: string) =>
    all.length === 0
      ? "none"
      : all.map(({ name }, at) => (
          <span key={name}>
            {at === 0 ? "" : ", "}
            <A to={`/${under}/${encodeURIComponent(name)}`}>{name}</A>
          </span>
        ));
  return (
    <article>
      <h2 className="plain">
        <Said text={person.name} />
      </h2>
      <Facts
        of={[
          ["Address", person.email],
          ["Roles", person.roles.join(", ") || "none"],
          ["Groups", person.groups.join(", ") || "none"],
          ["Answers for", names(leads, "workflows")],
          ["Deputy of", names(stands, "workflows")],
          ["Manager", person.manager ?? "not said"],
          ["Passkeys", person.passkeys === 0 ? "none" : String(person.passkeys)],
          ...(person.disabled ? [["Disabled", "they may do nothing"] as const] : []),
          ["Owns", names(owns, "agents")],
        ]}
      />
      {person.gaps.length === 0 ? null : (
        <ul className="claim" aria-label="What is missing">
          {person.gaps.map((gap) => (
            <li key={gap}>
              <Told text={sentence(gap)} />
            </li>
          ))}
        </ul>
      )}
      <EndLogins person={person} />
      <h3>May</h3>
      <div className="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Deed</th>
              <th scope="col">How</th>
            </tr>
          </thead>
          <tbody>
            {may.map(({ deed, how, second }) => (
              <tr key={deed}>
                <td>
                  <code>{deed}</code>
                </td>
                <td>
                  {how}
                  {second ? "; a second person does its other half" : ""}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </article>
  );
}

function EndLogins({ person }: { readonly person: Person }) {
  return (
    <ReasonDialog
      of={person.email}
      words="Log them out everywhere"
      title={`Log ${person.name} out everywhere`}
      label="Why"
      act={(reason) =>
        ask(`/v1/people/${encodeURIComponent(person.email)}/end-logins`, { method: "POST", body: { reason } })
      }
    >
      <p>
        Every session and every command line of theirs ends at once, everywhere. They can log in again, unless they are
        taken out of the workspace.
      </p>
    </ReasonDialog>
  );
}
