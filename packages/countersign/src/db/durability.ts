import { Problem } from "../floor/problem.ts";
import type { Tx } from "./db.ts";
import { readSettings } from "./sql.ts";

const oldest = 150000;
const needed = ["fsync", "synchronous_commit", "full_page_writes"] as const;

/**
 * Refuses a database that may lose what it has confirmed: a receipt must not vanish in a power cut. Ask through the
 * role and database of the real work, since `synchronous_commit` can be set for each of them.
 */
export async function requireDurable(db: Tx): Promise<void> {
  const rows = await readSettings(db, [...needed, "server_version_num"]);
  const settings = new Map(rows.map((row) => [row.name, row.setting]));
  const version = Number(settings.get("server_version_num"));
  if (!(version >= oldest))
    throw new Problem(
      "unavailable",
      `the database is postgres ${Math.floor(version / 10000)}; countersign needs 15 or newer`,
      {
        help: "upgrade the server, or leave DATABASE_URL out to use the embedded one",
      },
    );
  const off = needed.filter((name) => (settings.get(name) ?? "off") === "off");
  if (off.length > 0)
    throw new Problem("unavailable", `the database may lose what it has confirmed: ${off.join(", ")} off`, {
      help: `set ${off.map((name) => `${name} = on`).join(", ")} on the server (or for this role and database) and start again`,
    });
}
