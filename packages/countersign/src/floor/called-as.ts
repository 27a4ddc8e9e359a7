import { existsSync } from "node:fs";
import { delimiter, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The program itself, wherever it lies. */
export const ownProgram = fileURLToPath(new URL("../../bin/countersign.js", import.meta.url));

/** The clone that it runs from; undefined where it was installed as a package. */
export function ownClone(program: string = ownProgram): string | undefined {
  const root = join(program, "..", "..", "..", "..");
  return existsSync(join(root, "scripts", "start.ts")) ? root : undefined;
}

interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly program?: string;
}

/** What a person types where this process was started, for it to be called again: hints name nothing that is not there. */
export function calledAs({ env, cwd, program = ownProgram }: Process): string {
  const isWithin = within(ownClone(program), cwd);
  // npm puts its own folders on the path of what it runs, and only of that.
  if (env.npm_command === "exec") return "npx countersign";
  if (env.npm_command !== undefined) {
    if (env.npm_lifecycle_event === "countersign") return "npm run countersign --";
    if (isWithin) return "npx countersign";
  } else if (isOnPath(env.PATH ?? "")) return "countersign";
  return isWithin ? "npx countersign" : [process.execPath, program].map(quoted).join(" ");
}

function within(folder: string | undefined, cwd: string): boolean {
  if (folder === undefined) return false;
  const way = relative(folder, cwd);
  return way !== ".." && !way.startsWith(`..${sep}`);
}

function isOnPath(path: string): boolean {
  const name = process.platform === "win32" ? "countersign.cmd" : "countersign";
  return path.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, name)));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`;
}

/** A sentence with its commands of ours as they are called here. */
export function asCalledIn(text: string, its: Process & { readonly workspace?: string }): string {
  return text
    .replace(/(start (?:one|it) with) `countersign up`/, (_, start: string) => `${start} ${starting(its)}`)
    .replaceAll("`countersign ", `\`${calledAs(its)} `);
}

/** `up` starts the workspace of a folder: where there is none, a clone has an example to start. */
function starting(its: Process & { readonly workspace?: string }): string {
  const clone = ownClone(its.program);
  if (clone === undefined || existsSync(join(its.workspace ?? its.cwd, "countersign.yaml"))) return "`countersign up`";
  return within(clone, its.cwd) ? "`npm start`" : `\`npm start\` in ${clone}`;
}
