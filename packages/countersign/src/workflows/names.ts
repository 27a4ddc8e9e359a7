import { z } from "zod";

const emailText = "[a-z0-9._%+-]+@[a-z0-9-]+(\\.[a-z0-9-]+)+";
const nameText = "[a-z][a-z0-9-]{0,62}";

/** Lower case only, so that two spellings cannot be one person. */
export const emailSchema = z
  .string()
  .max(254)
  .regex(new RegExp(`^${emailText}$`))
  .meta({ description: "an e-mail address in lower case" });

/** Whom an approval is asked from: no group can have the name `dri`. */
export const askedSchema = z
  .string()
  .max(254)
  .regex(new RegExp(`^(${nameText}|${emailText})$`));

export const nameSchema = z
  .string()
  .regex(new RegExp(`^${nameText}$`))
  .meta({ description: "a name: lower case letters, digits and `-`, a letter first, at most 63" });

const toolText = "[a-z0-9][a-z0-9-]{0,47}\\.[A-Za-z0-9_./:-]{1,128}";

export function isWildcard(text: string): boolean {
  return /[*?[\]{}]/.test(text) || text === "all" || text === "any" || text.endsWith(".");
}

/** `server.tool`. A wildcard is refused with its own words: it grants what nobody has read. */
export const toolIdSchema = z
  .string()
  .max(192)
  .meta({ pattern: `^${toolText}$`, description: "one tool as `server.tool`, such as `files.read_file`" })
  .superRefine((text, context) => {
    if (isWildcard(text)) {
      context.addIssue({
        code: "custom",
        message: "a wildcard is refused: it grants what nobody has read",
        params: { help: "name each tool on a line of its own" },
      });
    } else if (!new RegExp(`^${toolText}$`).test(text)) {
      context.addIssue({ code: "custom", message: "this does not name a tool" });
    }
  });
