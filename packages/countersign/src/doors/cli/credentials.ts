import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Problem } from "../../floor/problem.ts";
import type { Terminal } from "./terminal.ts";

export interface Login {
  readonly person: string;
  readonly key: string;
  readonly expiresAt: string;
}

interface Kept {
  /** The server that was logged in to last. */
  readonly current?: string;
  readonly logins: { readonly [origin: string]: Login };
}

/** The folder that belongs to this person's command line. */
export function ownFolder(terminal: Terminal): string {
  const { XDG_CONFIG_HOME: xdg, HOME: home, APPDATA: roaming, USERPROFILE: profile } = terminal.env;
  if (xdg?.startsWith("/")) return join(xdg, "countersign");
  if (roaming !== undefined && roaming !== "") return join(roaming, "countersign");
  const base = home ?? profile;
  if (base === undefined || base === "") {
    throw new Problem("invalid", "there is no home folder to keep the login in", { help: "set `XDG_CONFIG_HOME`" });
  }
  return join(base, ".config", "countersign");
}

/** Credentials that this person's command line keeps, by server. */
export async function readLogins(terminal: Terminal): Promise<Kept> {
  const text = await readOwn(join(ownFolder(terminal), "logins.json"));
  if (text === undefined) return { logins: {} };
  try {
    const kept = JSON.parse(text) as Partial<Kept>;
    return { ...kept, logins: kept.logins ?? {} };
  } catch {
    throw new Problem("invalid", "the file of logins is not JSON", { help: "remove `logins.json` and log in again" });
  }
}

export async function keepLogin(terminal: Terminal, origin: string, login: Login): Promise<string> {
  const file = join(ownFolder(terminal), "logins.json");
  const { logins } = await readLogins(terminal);
  await writeOwn(file, `${JSON.stringify({ current: origin, logins: { ...logins, [origin]: login } }, null, 2)}\n`);
  return file;
}

/** A file that only its owner may read; undefined where there is none. */
export async function readOwn(file: string): Promise<string | undefined> {
  try {
    await using opened = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    const { mode } = await opened.stat();
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new Problem("invalid", "others can read the file of logins", { help: `run \`chmod 600 ${file}\`` });
    }
    return await opened.readFile("utf8");
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown;
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw new Problem("unavailable", "the file of logins cannot be read", { cause: thrown });
  }
}

/** Whole or not at all, and never readable by others, not even for a moment. */
export async function writeOwn(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    {
      await using opened = await open(aside, "wx", 0o600);
      await opened.writeFile(text);
      await opened.sync();
    }
    await rename(aside, file);
  } catch (cause) {
    await rm(aside, { force: true });
    throw new Problem("unavailable", "the login could not be kept", {
      help: "look at the folder's permissions",
      cause,
    });
  }
}
