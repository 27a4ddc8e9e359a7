import type { Files } from "@countersign/client";

/** What a rule that somebody proposes is about: the call that was looked at. */
export interface About {
  readonly action: string;
  readonly workflow: string;
  /** `server.tool` */
  readonly tool: string;
  readonly environment: string;
  readonly target: string;
}

export const ruleKinds = {
  refuse: "refuse such a call (Cedar)",
  ask: "ask the DRI before such a call (Cedar)",
  "four-eyes": "guardrail four-eyes: ask before every call of this tool",
  "first-time-target": "guardrail first-time-target: ask the first time it touches a target",
  "call-limit": "guardrail call-limit: so many calls in an hour",
  "only-within": "guardrail only-within: in this environment alone",
} as const;
export type RuleKind = keyof typeof ruleKinds;

/** Guardrails stand in the file of a workflow in force, over tools that the catalog knows: an agent may ask for any name. */
export function kindsFor({ tool, workflow }: About, known: readonly string[], inForce: Files): readonly RuleKind[] {
  const kinds = Object.keys(ruleKinds) as RuleKind[];
  const isGuarded = known.includes(tool) && Object.hasOwn(inForce, `workflows/${workflow}.yaml`);
  return isGuarded ? kinds : kinds.filter((kind) => kind === "refuse" || kind === "ask");
}

/** A rule as the whole text of the file that it would stand in. */
export function ruleFile(
  kind: RuleKind,
  about: About,
  inForce: Files,
): { readonly file: string; readonly text: string } {
  if (kind === "refuse" || kind === "ask") {
    const id = freeId(`${kind}-${slug(about.tool)}-in-${slug(about.workflow)}`, inForce);
    return { file: `policies/${id}.cedar`, text: cedar(kind, id, about) };
  }
  const file = `workflows/${about.workflow}.yaml`;
  return { file, text: withGuardrail(inForce[file] ?? "", kind, about) };
}

function cedar(kind: "refuse" | "ask", id: string, { action, workflow, tool, environment, target }: About): string {
  const asks = kind === "ask";
  const scope = [`resource.environment.name == ${quote(environment)}`];
  if (target !== "") scope.push(`resource.target == ${quote(target)}`);
  return [
    `// As asked in ${escaped(action)}. Widen or narrow what stands under \`when\`.`,
    `@id("${id}")`,
    `@title(${quote(`${tool} of ${workflow} ${asks ? "asks the DRI" : "is refused"} there`)})`,
    ...(asks ? [`@cure("approval") @from("dri") @count("1") @open("4h") @valid("1h") @exclude("requester")`] : []),
    `forbid (principal in Workflow::${quote(workflow)}, action == Action::${quote(tool)}, resource)`,
    `when { ${scope.join(" && ")} }${asks ? `\nunless { context.facts.cured.contains("${id}") }` : ""};`,
    "",
  ].join("\n");
}

const parameters = {
  "four-eyes": () => ["from: dri"],
  "first-time-target": () => ["from: dri"],
  "call-limit": () => ["most: 10", "per: workflow", "within: 1h"],
  "only-within": ({ environment }: About) => [`environments: [${JSON.stringify(environment)}]`],
} as const;

/** What a call says is written as JSON, which is YAML too: nothing in it ends the string. The entry comes first under `guardrails`, so that whoever reads the difference sees it whole. */
function withGuardrail(text: string, use: keyof typeof parameters, about: About): string {
  const lines = [
    `use: ${use}`,
    `name: ${use}-${slug(about.tool).slice(0, 40)}`,
    `tools: [${JSON.stringify(about.tool)}]`,
  ];
  const entry = [...lines, ...parameters[use](about)]
    .map((line, at) => `${at === 0 ? "  - " : "    "}${line}\n`)
    .join("");
  const listed = /^guardrails:[^\S\n]*(?:\[\])?[^\S\n]*\n/m;
  if (listed.test(text)) return text.replace(listed, () => `guardrails:\n${entry}`);
  return `${text.trimEnd()}\nguardrails:\n${entry}`;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

function freeId(wanted: string, files: Files): string {
  const base = wanted.slice(0, 56).replace(/-+$/, "");
  for (let at = 1; ; at++) {
    const id = at === 1 ? base : `${base}-${at}`;
    if (!Object.hasOwn(files, `policies/${id}.cedar`)) return id;
  }
}

/** A Cedar string: what is not plain to read is written by its number. */
function quote(text: string): string {
  return `"${escaped(text)}"`;
}

function escaped(text: string): string {
  const inside = [...text].map((one) => {
    if (one === '"' || one === "\\") return `\\${one}`;
    return /[\p{C}\p{Z}]/u.test(one) && one !== " " ? `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}` : one;
  });
  return inside.join("");
}
