import { z } from "zod";
import type { Typed } from "./draft.ts";

const invariantSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
      .meta({ description: "lower-case letters, digits and hyphens" }),
    title: z.string().min(1).max(200).meta({ description: "what must never be, in a sentence" }),
    never: z
      .enum(["allow", "require"])
      .default("allow")
      .meta({ description: "`allow`, or `require` where it must not even be asked for" }),
    when: z
      .string()
      .min(1)
      .max(16_384)
      .meta({ description: "a Cedar expression over `principal`, `action`, `resource` and `context`" }),
    observed: z
      .boolean()
      .default(false)
      .meta({ description: "`true` where it must also hold in workflows that are only observed" }),
  })
  .meta({ description: "an invariant: `name`, `title`, `when`, and `never`" });

/** `policies/invariants.yaml`: what must never be, whatever the policies. */
export const invariantsFile = z.strictObject({
  invariants: z.array(invariantSchema).max(100).meta({ description: "a list of invariants" }),
});

export type InvariantsFile = z.infer<typeof invariantsFile>;

/** One of them, with the place where its expression starts. */
export type WrittenInvariant = InvariantsFile["invariants"][number] & {
  readonly file: string;
  readonly line: number;
  readonly column: number;
};

/** Each invariant with its place: an expression's own lines and columns count from there. */
export function writtenInvariants({ source, value }: Typed<InvariantsFile>, text: string): readonly WrittenInvariant[] {
  const lines = text.split("\n");
  return value.invariants.map((invariant, index) => {
    const { line, column } = source.place(["invariants", index, "when"]);
    const sign = lines[line - 1]?.[column - 1];
    const { file } = source;
    if (sign !== "|" && sign !== ">")
      return { ...invariant, file, line, column: sign === '"' || sign === "'" ? column + 1 : column };
    // The text of a block stands below its sign, indented alike.
    const indent = /^ */.exec(lines[line] ?? "")?.[0].length ?? 0;
    return { ...invariant, file, line: line + 1, column: indent + 1 };
  });
}
