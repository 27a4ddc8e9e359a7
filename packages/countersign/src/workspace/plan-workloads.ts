import { type TrustedIssuer, workloadWords } from "../identity/index.ts";
import { namesBetween, type Say } from "./change.ts";
import type { Agent } from "./organisation.ts";

/** Whoever an issuer vouches for can act as the agent: that a rule comes is wider. */
export function sayWorkloads(
  was: Pick<Agent, "identity">,
  is: Pick<Agent, "identity">,
  say: Say,
): readonly "identity"[] {
  const { came, went } = namesBetween((was.identity ?? []).map(words), (is.identity ?? []).map(words));
  for (const one of came) say(`known by ${one}`, "wider");
  for (const one of went) say(`no longer known by ${one}; its tokens end at once`);
  return ["identity"];
}

/** Of an agent that is new: every issuer that vouches for it. */
export function knownBy({ identity = [] }: Pick<Agent, "identity">): string {
  return identity.map((rule) => `, known by ${words(rule)}`).join("");
}

function words(rule: TrustedIssuer): string {
  const whose = rule.audience === undefined ? "" : `, for \`${rule.audience}\``;
  const again = rule.reusable ? ", again while it lives with the same proof key" : "";
  const note = rule.note === undefined ? "" : ` (${rule.note})`;
  return `\`${workloadWords(rule)}\` in \`${rule.environment}\`${whose}${again}${note}`;
}
