import type { Grant, GrantBody } from "@countersign/client";
import type { Json } from "@countersign/contract";
import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import { duration, whole } from "./command.ts";
import { type LookOptions, lookAt } from "./look-at.ts";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface GrantOptions extends LookOptions {
  readonly for: number;
  readonly uses: number;
  readonly target: string;
  readonly any?: readonly string[];
  readonly oneOf?: readonly string[];
  readonly atLeast?: readonly string[];
  readonly atMost?: readonly string[];
  readonly reason: string;
}

/** Adds `approvals grant`, `grants` and `revoke`. */
export function grants(noun: Command, shell: Shell): void {
  noun
    .command("grant")
    .description("approve calls like this one, for a time and a number of calls")
    .argument("<action>", "the held action that is looked at")
    .requiredOption("--for <duration>", "for how long, at most 8h", duration)
    .requiredOption("--uses <count>", "for how many calls, at most 100", whole)
    .requiredOption("--reason <text>", "why")
    .option("--target <exact|class>", "this very target, or any of its server, environment and verb", "exact")
    .option("--any <pointer>", "an argument that may be anything, such as `/text`", each)
    .option("--one-of <pointer=json>", 'one that may be any of a list, such as `/team=["a", "b"]`', each)
    .option("--at-least <pointer=number>", "a number that may be this or more", each)
    .option("--at-most <pointer=number>", "a number that may be this or less, such as `/amount=50`", each)
    .option("--digest <sha256>", "refuse where the call is not this one (`callDigest` of `approvals show --json`)")
    .option("--yes", "do not ask again")
    .action(async (id: string, options: GrantOptions) => {
      const shape = shapeOf(options);
      const client = await shell.client();
      const shown = await lookAt(shell, client, id, "grant calls like this", options);
      const { for: forMs, reason, uses } = options;
      const made = await client.grants.give({ approval: id, ...shown, shape, forMs, uses, reason });
      shell.answer(made, () => [
        `granted until ${made.until.slice(0, 19).replace("T", " ")} UTC, for ${made.uses} calls: ${made.id}`,
        shell.paint.dim(`${shell.called} approvals revoke ${made.id} --reason …`),
      ]);
    });
  noun
    .command("grants")
    .description("what was granted: what stands, and what ended within a day")
    .action(async () => {
      const found = await (await shell.client()).grants.list();
      shell.answer({ grants: found }, () =>
        found.length === 0 ? ["nothing is granted"] : table(heads, found.map(cells), shell.paint),
      );
    });
  noun
    .command("revoke")
    .description("take a grant back: from now on it counts nowhere")
    .argument("<grant>")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, { reason }: { readonly reason: string }) => {
      const ended = await (await shell.client()).grants.revoke(id, reason);
      shell.answer(ended, () => [`revoked ${id}: ${ended.used} of ${ended.uses} were used`]);
    });
}

const heads = ["grant", "state", "by", "tool", "target", "used", "until (UTC)"];

function cells({ id, state, by, server, tool, target, shape, used, uses, until }: Grant): readonly string[] {
  const where = shape.target === "exact" ? line(target) : "any of its kind";
  return [
    id,
    state,
    line(by),
    line(`${server}.${tool}`),
    where,
    `${used}/${uses}`,
    until.slice(0, 19).replace("T", " "),
  ];
}

function each(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

type Shape = NonNullable<GrantBody["shape"]>;

function shapeOf({ target, any = [], oneOf = [], atLeast = [], atMost = [] }: GrantOptions): Shape {
  if (target !== "exact" && target !== "class")
    throw new Problem("invalid", "`--target` is `exact` or `class`", { help: "leave it out for this very target" });
  const loosened: Record<string, NonNullable<Shape["arguments"]>[string]> = {};
  for (const pointer of any) loosened[pointer] = { any: true };
  for (const text of oneOf) {
    const [pointer, value] = named(text);
    if (!Array.isArray(value)) throw new Problem("invalid", `\`${line(text, 80)}\` names no JSON list`);
    loosened[pointer] = { oneOf: value };
  }
  for (const [member, texts] of [["atLeast", atLeast] as const, ["atMost", atMost] as const])
    for (const text of texts) {
      const [pointer, value] = named(text);
      if (typeof value !== "number") throw new Problem("invalid", `\`${line(text, 80)}\` names no number`);
      loosened[pointer] = { ...loosened[pointer], [member]: value };
    }
  return { target, arguments: loosened };
}

function named(text: string): readonly [string, Json] {
  const at = text.indexOf("=");
  try {
    if (at > 0) return [text.slice(0, at), JSON.parse(text.slice(at + 1)) as Json];
  } catch {
    // said below
  }
  throw new Problem("invalid", `\`${line(text, 80)}\` is not a pointer, \`=\` and JSON`, {
    help: "such as `/amount=50`",
  });
}
