import type { Person, Roles } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { ask, plane } from "../plane.ts";
import { PersonDetail, type World } from "./person-detail.tsx";

const columns: readonly Column<Person>[] = [
  { name: "email", of: ({ email }) => email },
  { name: "name", of: ({ name }) => name },
  { name: "roles", of: ({ roles }) => roles.join(" ") },
  { name: "groups", of: ({ groups }) => groups.join(" ") },
];

/** Who is here, in which groups, and who may do what. */
export default function People() {
  const { parts } = useAddress();
  const email = parts[1];
  useTitle("People");
  const found = useQuery({
    queryKey: ["plane", "people"],
    queryFn: async (): Promise<World> => {
      const { identity, rules } = plane();
      const [people, groups, agents, workflows, roles] = await Promise.all([
        identity.people(),
        identity.groups(),
        identity.agents(),
        rules.workflows(),
        ask<Roles>("/v1/roles"),
      ]);
      return { people, groups, agents, workflows, deeds: roles.deeds };
    },
    staleTime: 10_000,
  });
  const world = found.data;
  const open = world?.people.find((person) => person.email === email);
  const list = (
    <>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {world === undefined ? null : (
        <>
          <Gaps world={world} />
          <Rows
            label="people"
            items={world.people}
            to={(person) => `/people/${encodeURIComponent(person.email)}`}
            current={email === undefined ? undefined : `/people/${encodeURIComponent(email)}`}
            first={(person) => (
              <>
                <span>
                  <Said text={person.name} /> <span className="quiet">{person.email}</span>
                </span>
                <span className="quiet">{person.roles.join(", ") || "no role"}</span>
              </>
            )}
            second={(person) => (person.groups.length === 0 ? "in no group" : `in ${person.groups.join(", ")}`)}
          />
          <Save name="people" columns={columns} rows={world.people} />
          <h2>Groups</h2>
          {world.groups.length === 0 ? (
            <Empty>
              <p>
                No group is named. Approvals are asked from groups: add one under <code>groups</code> in{" "}
                <code>countersign.yaml</code>, and put people in it.
              </p>
            </Empty>
          ) : (
            <div className="wide">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Group</th>
                    <th scope="col">Who</th>
                    <th scope="col">What for</th>
                  </tr>
                </thead>
                <tbody>
                  {world.groups.map((group) => (
                    <tr key={group.name}>
                      <td>{group.name}</td>
                      <td>
                        {group.members.length === 0 ? <span className="held">nobody</span> : group.members.join(", ")}
                      </td>
                      <td>{group.purpose ?? ""}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
    </>
  );
  return (
    <>
      <h1>People</h1>
      <Pair
        list={list}
        back={{ to: "/people", words: "Everybody" }}
        detail={
          world === undefined || email === undefined ? undefined : open === undefined ? (
            <p>Nobody of that address is in the workspace in force.</p>
          ) : (
            <PersonDetail key={open.email} person={open} world={world} />
          )
        }
      />
    </>
  );
}

/** Groups that are asked and have nobody, workflows and agents whose person is gone. */
function Gaps({ world }: { readonly world: World }) {
  const isHere = (email: string): boolean => world.people.some((person) => person.email === email);
  const empty = world.groups.filter(({ members }) => members.length === 0);
  const orphans = world.agents.filter(({ owner }) => !isHere(owner));
  const leaderless = world.workflows.filter(({ dri }) => !isHere(dri));
  const alone = world.workflows.filter(({ deputy }) => deputy === undefined);
  if (empty.length + orphans.length + leaderless.length + alone.length === 0) return null;
  return (
    <ul className="claim" aria-label="Gaps">
      {empty.map(({ name }) => (
        <li key={`group ${name}`}>
          Nobody is in <Said text={name} />: what is asked from it can only lapse.
        </li>
      ))}
      {orphans.map(({ name, owner }) => (
        <li key={`agent ${name}`}>
          <A to={`/agents/${encodeURIComponent(name)}`}>{name}</A> is frozen: its owner {owner} is gone.
        </li>
      ))}
      {leaderless.map(({ name, dri }) => (
        <li key={`dri ${name}`}>
          <A to={`/workflows/${encodeURIComponent(name)}`}>{name}</A> has nobody who answers for it: {dri} is gone.
        </li>
      ))}
      {alone.map(({ name }) => (
        <li key={`deputy ${name}`}>
          <A to={`/workflows/${encodeURIComponent(name)}`}>{name}</A> has no deputy.
        </li>
      ))}
    </ul>
  );
}
