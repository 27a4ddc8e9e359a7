import { type CompiledPolicies, nearestId } from "../policy/index.ts";
import type { Workspace, WorkspaceFiles } from "../workspace/index.ts";
import { configuredChecks } from "./compile-workspace.ts";

type Workflow = Workspace["workflows"][number];

/** A rule that a workflow file states, and what enforces it. */
export interface RuleBinding {
  readonly workflow: string;
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly by: readonly string[];
  /** `unbound` names something that is not there; `prose` names nothing; `observed` bites on nobody yet. */
  readonly state: "enforced" | "observed" | "prose" | "unbound";
  readonly why: string;
  /** In words, under `rules`; else it is a word of the file that this version does not enforce. */
  readonly stated: boolean;
}

/** What enforces each rule of each workflow file: a policy or a check, or nothing. */
export function ruleBindings(
  workspace: Workspace,
  policies: CompiledPolicies,
  files: WorkspaceFiles,
): readonly RuleBinding[] {
  return workspace.workflows.flatMap((workflow) => {
    const file = `workflows/${workflow.name}.yaml`;
    const stated = workflow.rules.map(({ rule, by }) => ({
      workflow: workflow.name,
      file,
      line: lineOf(files[file] ?? "", rule),
      rule,
      by,
      stated: true,
      ...stateOf(workflow, by, policies),
    }));
    const silent = unenforcedMembers(workflow).map(({ member, ...one }) => ({
      ...one,
      file,
      line: lineOf(files[file] ?? "", member),
    }));
    return [...stated, ...silent];
  });
}

type State = Pick<RuleBinding, "state" | "why">;

const order = ["unbound", "observed", "enforced"] as const;

/** One that does not hold makes the whole rule not hold. */
function stateOf(workflow: Workflow, by: readonly string[], policies: CompiledPolicies): State {
  if (by.length === 0) return { state: "prose", why: "nothing enforces it: it names no policy and no check" };
  const states = by.map((name) =>
    name.startsWith("check:") ? checkState(name.slice("check:".length)) : policyState(workflow, name, policies),
  );
  return (
    order.map((state) => states.find((one) => one.state === state)).find((one) => one !== undefined) ?? {
      state: "unbound",
      why: "",
    }
  );
}

function checkState(name: string): State {
  return configuredChecks.includes(name)
    ? { state: "enforced", why: `check \`${name}\` runs before each call` }
    : { state: "unbound", why: `there is no check \`${name}\`` };
}

function policyState(workflow: Workflow, id: string, policies: CompiledPolicies): State {
  const policy = policies.policies.find((one) => one.id === id);
  if (policy === undefined) {
    const help = nearestId(id, policies);
    return { state: "unbound", why: `there is no policy \`${id}\`${help === undefined ? "" : `; ${help}`}` };
  }
  if (policy.effect === "permit") return { state: "unbound", why: `\`${id}\` permits, and enforces nothing` };
  const { principal } = policy;
  const other =
    principal?.type === "Workflow"
      ? principal.id !== workflow.name
      : principal?.type === "Agent" && !workflow.agents.includes(principal.id);
  if (other) return { state: "unbound", why: `\`${id}\` is for others, not for this workflow` };
  const observed = policy.mode === "observe" || (policy.mode !== "always" && workflow.mode.kind === "observe");
  return observed
    ? { state: "observed", why: `\`${id}\` is only observed here` }
    : { state: "enforced", why: `policy \`${id}\`` };
}

/** Words of a workflow file that this version writes down and does not enforce. */
function unenforcedMembers({
  name,
  gate,
  budget,
  rollback,
  logging,
  baseline,
}: Workflow): readonly (Omit<RuleBinding, "file" | "line"> & { readonly member: string })[] {
  const members: readonly (readonly [string, boolean])[] = [
    ["gate", gate !== undefined],
    ["budget.run", budget.run !== undefined],
    ["budget.day", budget.day !== undefined],
    ["rollback.drill", rollback?.drillEveryMs !== undefined],
    // `full`, without exception, is what every record is.
    ["logging.capture", logging.capture !== "full"],
    ["logging.redact", logging.redact.length > 0],
    ["baseline", baseline !== undefined],
  ];
  return members
    .filter(([, there]) => there)
    .map(([member]) => ({
      workflow: name,
      rule: `\`${member}\``,
      member: member.split(".").at(-1) ?? member,
      by: [],
      stated: false,
      state: "prose" as const,
      why: "this version writes it down and does not enforce it",
    }));
}

function lineOf(text: string, words: string): number {
  const at = text.indexOf(words);
  return at < 0 ? 1 : text.slice(0, at).split("\n").length;
}
