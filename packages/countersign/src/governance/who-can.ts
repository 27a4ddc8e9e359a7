import type { Decision, Requirement, Verb } from "@countersign/contract";
import type { Tool } from "../catalog/index.ts";
import { Problem } from "../floor/problem.ts";
import { frozenBecause, keyedEnvironments } from "../identity/index.ts";
import { among, answerOf, type Explored, explore } from "../policy/index.ts";
import { attachedVetoes } from "./attached-vetoes.ts";
import { configuredChecks } from "./compile-workspace.ts";
import type { Control } from "./control.ts";
import { unprovenSentence } from "./tool-proof.ts";

export interface WhoCanRequest {
  /** `server.tool`; every tool where missing. */
  readonly tool?: string;
  readonly agent?: string;
  readonly environment?: string;
}

/** What one agent may do with one tool in one environment, and why. */
export interface WhoCanLine {
  readonly agent: string;
  readonly workflow: string;
  readonly tier: number;
  readonly tool: string;
  readonly verb: Verb;
  readonly environment: string;
  readonly production: boolean;
  readonly answer: Decision["effect"] | "depends";
  /** What is asked of people and checks, where something is. */
  readonly requirements: readonly Requirement[];
  /** The policies that decide it. */
  readonly policies: readonly string[];
  /** Policies whose say depends on the call itself. */
  readonly depends: readonly string[];
  readonly sentence: string;
  /** Vetoes that are asked about the call itself: each may deny it, or ask for more. */
  readonly vetoes: readonly string[];
  /** Why such a call is refused now whatever the rules say: no live key of the agent is for the environment. */
  readonly keyless?: string;
  /** What enforcement would say, where the workflow is only observed. */
  readonly observed?: "require" | "deny";
}

/** What the answers take for granted. */
export const whoCanAssumes =
  "a run that has read nothing that others wrote, this moment, checks that pass, and no undo of what changed since; what a veto says is not among the answers";

const mostLines = 5_000;

/** Who can do what, where and why: the engine's own answer for every agent, tool, verb and environment that is meant. */
export function whoCan(control: Control, request: WhoCanRequest): readonly WhoCanLine[] {
  const { workspace, catalog, policies, directory, unproven } = control.keeper.loaded();
  const environments = (workspace?.environments ?? []).filter(({ name }) => (request.environment ?? name) === name);
  const agents = [...directory.agents.values()].filter(({ name }) => (request.agent ?? name) === name);
  const tools = catalog.servers
    .flatMap((server) => catalog.list(server))
    .filter(({ id }) => (request.tool ?? id) === id);
  if (tools.length === 0) throw new Problem("not_found", `there is no tool \`${request.tool ?? ""}\``);
  if (agents.length === 0) throw new Problem("not_found", `there is no agent \`${request.agent ?? ""}\` in a workflow`);
  if (environments.length === 0)
    throw new Problem("not_found", `there is no environment \`${request.environment ?? ""}\``);
  const lines: WhoCanLine[] = [];
  const at = new Date(control.parts.ledger.now()).toISOString();
  const keyed = keyedEnvironments(control.keeper.credentials(), control.parts.clock.now());
  for (const tool of tools) {
    for (const { name, owner, workflow, dri } of agents) {
      const tier = directory.tierOf(name, workflow);
      const vetoes = attachedVetoes(workspace, workflow, tool.id).map((rule) => rule.name);
      const missing = unproven.get(tool.id);
      const frozen = frozenBecause(directory, name) ?? (missing === undefined ? undefined : unprovenSentence(missing));
      for (const verb of tool.verbs) {
        for (const { name: environment, production } of environments) {
          if (lines.length >= mostLines)
            throw new Problem("too_large", `there are more than ${mostLines} answers`, {
              help: "name a tool, an agent or an environment",
            });
          const known: Omit<Explored, "system" | "reversal"> = {
            agent: name,
            workflow,
            tier,
            dri,
            owner,
            tool: tool.id,
            verb,
            environment: { name: environment, production },
            reviewed: tool.reviewed,
            definitionDigest: tool.digest,
            checks: configuredChecks,
            at,
          };
          const permission = among(kindsOf(tool, verb).map((kind) => explore(policies, { ...known, ...kind })));
          const answer = frozen === undefined ? answerOf(permission) : "deny";
          const shown = answer === "depends" ? permission.least : permission.most;
          lines.push({
            agent: name,
            workflow,
            tier,
            tool: tool.id,
            verb,
            environment,
            production,
            answer,
            requirements: answer === "deny" ? [] : shown.requirements,
            policies: frozen === undefined ? shown.determining.map((policy) => policy.id) : [],
            depends: answer === "depends" ? permission.depends : [],
            sentence: frozen ?? shown.sentence,
            vetoes: answer === "deny" ? [] : vetoes,
            ...(keyed.get(name)?.has(environment) === true ? {} : { keyless: keylessSentence(name, environment) }),
            ...(frozen !== undefined || shown.observed === undefined ? {} : { observed: shown.observed }),
          });
        }
      }
    }
  }
  return lines;
}

/** Which arguments decide the case of a rule is not known here, so a verb is all that its cases make of it. */
function kindsOf(tool: Tool, verb: Verb): readonly Pick<Explored, "system" | "reversal">[] {
  const kinds = tool.outcomes
    .filter((outcome) => outcome.verb === verb)
    .map(({ system, reversal: { kind } }) => {
      const promised = verb === "read" ? "none" : kind === "inverse" ? "plan" : kind;
      return { system, reversal: promised } as const;
    });
  return [...new Map(kinds.map((kind) => [`${kind.reversal} ${kind.system}`, kind])).values()];
}

function keylessSentence(agent: string, environment: string): string {
  return `\`${agent}\` holds no live key for \`${environment}\`, so such a call is refused before any rule is asked`;
}
