import { execFile } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const example = fileURLToPath(new URL("../workspace", import.meta.url));
const run = promisify(execFile);

/** Copies the example workspace, and makes its sandbox a small repository, so that nothing in the clone is touched. */
export async function copyWorkspace(folder: string): Promise<{ readonly hasGit: boolean }> {
  await rm(folder, { recursive: true, force: true });
  await cp(example, folder, { recursive: true, filter: (path) => !/[/\\](\.countersign|memory\.jsonl)$/.test(path) });
  const sandbox = join(folder, "sandbox");
  const who = {
    GIT_AUTHOR_NAME: "Ana",
    GIT_AUTHOR_EMAIL: "ana@acme.example",
    GIT_COMMITTER_NAME: "Ana",
    GIT_COMMITTER_EMAIL: "ana@acme.example",
  };
  const env = {
    PATH: process.env.PATH,
    HOME: sandbox,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    ...who,
  };
  const git = (...args: string[]) => run("git", args, { cwd: sandbox, env });
  try {
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "Welcome");
    return { hasGit: true };
  } catch {
    // Without git the other servers still work, and the tour says what it left out.
    return { hasGit: false };
  }
}
