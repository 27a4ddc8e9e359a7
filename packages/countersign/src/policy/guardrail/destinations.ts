import type { ArgumentTypes } from "../argument-types.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { WorkflowRules } from "../rules.ts";
import type { DataEgress, Destination } from "./guardrail.ts";

type Tools = { readonly [tool: string]: ArgumentTypes };

/** Rules whose guardrails on egress name the arguments that they read, as the tools are reviewed now. */
export function findDestinations(rules: WorkflowRules, tools: Tools): WorkflowRules {
  if (rules.guardrails === undefined) return rules;
  return {
    ...rules,
    guardrails: rules.guardrails.map((rule) => {
      if (rule.use !== "data-egress") return rule;
      const { arguments: wanted, ...rest } = rule;
      return { ...rest, destinations: rule.tools.flatMap((tool) => destinationsOf(tool, tools, wanted)) };
    }),
  };
}

function destinationsOf(tool: string, tools: Tools, wanted: DataEgress["arguments"]): readonly Destination[] {
  const parsed = parsedOf(tool, tools) ?? {};
  return (wanted ?? Object.keys(parsed)).flatMap((argument) => {
    const by = Object.hasOwn(parsed, argument) ? placesOf(parsed[argument]) : undefined;
    return by === undefined ? [] : [{ tool, argument, by }];
  });
}

const argumentName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** What stands against reading where a call of this tool sends something. */
export function* destinationFaults(
  rule: DataEgress,
  tool: string,
  tools: Tools,
): Generator<readonly [detail: string, help?: string | undefined]> {
  const parsed = parsedOf(tool, tools);
  if (parsed === undefined) return;
  for (const name of rule.arguments ?? []) {
    if (!Object.hasOwn(parsed, name))
      yield [`\`${tool}\` has no normalised argument \`${name}\``, didYouMean(name, Object.keys(parsed))];
    else if (placesOf(parsed[name]) === undefined)
      yield [`\`${name}\` of \`${tool}\` is normalised as neither \`email\` nor \`url\``];
  }
  const found = destinationsOf(tool, tools, rule.arguments);
  for (const { argument } of found)
    if (!argumentName.test(argument))
      yield [`\`${argument}\` of \`${tool}\` is no name that a guardrail can read`, "letters, digits and `_`"];
  if (found.length === 0)
    yield [
      `nothing of \`${tool}\` is read as an address, so nothing tells where it sends what it is given`,
      "say `normalise: { …: email }` or `url` in its tools file",
    ];
}

function parsedOf(tool: string, tools: Tools): { readonly [name: string]: ArgumentTypes } | undefined {
  const types = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
  if (types === undefined) return undefined;
  return types.parsed?.kind === "parsed" ? types.parsed.of : {};
}

/** Addresses are the values that name places and what lies above them: those of e-mail, and those of the web. */
function placesOf(type: ArgumentTypes | undefined): Destination["by"] | undefined {
  if (type?.within === undefined) return undefined;
  if (type.domains !== undefined) return "domains";
  return type.hosts === undefined ? undefined : "hosts";
}
