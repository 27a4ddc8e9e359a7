import { type TrustedIssuer, workloadRules, workloadWords } from "../identity/index.ts";
import { namesBetween, type Say } from "./change.ts";
import type { Agent } from "./organisation.ts";

/** Whoever an issuer vouches for can act as the agent: that a rule comes is wider. */
export function sayWorkloads(
  was: Pick<Agent, "identity">,
  is: Pick<Agent, "identity">,
  say: Say,
): readonly "identity"[] {
  // By the whole of each rule, as identities end by it: two that differ may read alike.
  const [before, after] = [byRule(was), byRule(is)];
  const { came, went } = namesBetween([...before.keys()], [...after.keys()]);
  for (const one of came) say(`known by ${after.get(one)}`, "wider");
  for (const one of went) say(`no longer known by ${before.get(one)}; its tokens end at once`);
  return ["identity"];
}

/** Of an agent that is new: every issuer that vouches for it. */
export function knownBy({ identity = [] }: Pick<Agent, "identity">): string {
  return identity.map((rule) => `, known by ${words(rule)}`).join("");
}

function byRule({ identity = [] }: Pick<Agent, "identity">): ReadonlyMap<string, string> {
  return new Map(workloadRules([{ name: "", identity }]).map((rule) => [rule.digest, words(rule)]));
}

function words(rule: TrustedIssuer): string {
  const whose = rule.audience === undefined ? "" : `, for \`${rule.audience}\``;
  const again = rule.reusable ? ", again while it lives with the same proof key" : "";
  const note = rule.note === undefined ? "" : ` (${rule.note})`;
  return `\`${workloadWords(rule)}\` in \`${rule.environment}\`${whose}${again}${note}`;
}
