import type { Person, Roles } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { useTitle } from "../parts/title.ts";
import { Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
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
      const [people, groups, agents, workflows, roles, missing] = await Promise.all([
        identity.people(),
        identity.groups(),
        identity.agents(),
        rules.workflows(),
        ask<Roles>("/v1/roles"),
        ask<{ readonly gaps: World["gaps"] }>("/v1/gaps"),
      ]);
      return { people, groups, agents, workflows, deeds: roles.deeds, gaps: missing.gaps };
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
                <span className="plain">
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

const under = { agent: "agents", person: "people", workflow: "workflows", group: "people", server: "tools" } as const;

/** What nobody answers for, or only one person could. */
function Gaps({ world }: { readonly world: World }) {
  if (world.gaps.length === 0) return null;
  return (
    <details className="claim" open={world.gaps.length < 6}>
      <summary>{world.gaps.length === 1 ? "One gap" : `${world.gaps.length} gaps`}</summary>
      <ul aria-label="Gaps">
        {world.gaps.map(({ kind, name, sentence: says }) => (
          <li key={`${kind} ${name} ${says}`}>
            {kind}{" "}
            {kind === "group" || kind === "server" ? (
              <Said text={name} />
            ) : (
              <A to={`/${under[kind]}/${encodeURIComponent(name)}`}>{name}</A>
            )}
            : <Told text={sentence(says)} />
          </li>
        ))}
      </ul>
    </details>
  );
}
