import { useQuery } from "@tanstack/react-query";
import { plane } from "../plane.ts";
import type { Named, StopNames } from "./stop-names.ts";

/** Everything that can be stopped by name, read when it is first needed. */
export function useStopNames(isOn: boolean): StopNames | undefined {
  const found = useQuery({
    queryKey: ["plane", "stop-names"],
    queryFn: async (): Promise<StopNames> => {
      const [agents, workflows, { servers, tools }] = await Promise.all([
        plane().identity.agents(),
        plane().rules.workflows(),
        plane().rules.tools(),
      ]);
      return {
        agent: sorted(agents.map(({ name }) => name)),
        workflow: sorted(workflows.map(({ name }) => name)),
        tool: sorted([...servers.map(({ server }) => server), ...tools.map(({ id }) => id)]),
        system: sorted(servers.flatMap(({ systems }) => systems)),
      };
    },
    enabled: isOn,
    staleTime: 30_000,
  });
  return found.data;
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/** A choice of what there is, narrowed by typing; where it cannot be read, what is written goes to the server as it is. */
export function StopName({
  scope,
  names,
  fault,
  changed,
}: {
  readonly scope: Named;
  readonly names: StopNames | undefined;
  readonly fault: string | undefined;
  readonly changed: () => void;
}) {
  const known = names?.[scope] ?? [];
  return (
    <>
      <label>
        Which {scope}
        <input
          // Another scope's name is no name of this one.
          name={scope}
          required
          maxLength={300}
          list="stop-names"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={fault !== undefined}
          aria-describedby="stop-name-help"
          onChange={changed}
        />
      </label>
      <datalist id="stop-names">
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p id="stop-name-help" className={fault === undefined ? "quiet" : "failed"} role="status">
        {fault ??
          (names === undefined
            ? "Write its exact name."
            : `Type to choose among ${known.length}${scope === "tool" ? "; a server's name stops all of its tools" : ""}.`)}
      </p>
    </>
  );
}
