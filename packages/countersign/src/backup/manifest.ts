import { z } from "zod";

export const backupFormat = "countersign backup";

/** The first thing in a backup: what it is of, so that whoever cannot use it knows at once. */
export const aboutSchema = z.strictObject({
  format: z.literal(backupFormat),
  v: z.literal(1),
  countersign: z.string(),
  madeAt: z.string(),
  postgres: z.int(),
  migrations: z.array(z.strictObject({ name: z.string(), digest: z.string() })),
  /** The log's name; null before its first key. */
  origin: z.string().nullable(),
  /** The latest checkpoint in it. */
  size: z.int(),
  note: z.string().nullable(),
  keys: z.boolean(),
});
export type About = z.output<typeof aboutSchema>;

const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);

/** The last thing in it: what must be there, to the byte. */
export const manifestSchema = z.strictObject({
  tables: z.array(
    z.strictObject({
      name: identifier,
      columns: z.array(identifier),
      rows: z.int(),
      bytes: z.int(),
      sha256: z.string(),
    }),
  ),
});
export type Manifest = z.output<typeof manifestSchema>;
export type ManifestTable = Manifest["tables"][number];

export const aboutName = "about.json";
export const manifestName = "manifest.json";
export const keysFolder = "keys/";
/** Key files of a data folder, as they lie there. */
export const keyFiles = ["sealing.key", "sealing.key.age", "signing-key", "signing-key.next"] as const;

/** Where a part of a table stands, from 1 on. */
export function partName(table: string, part: number): string {
  return `tables/${table}/${String(part).padStart(8, "0")}`;
}

export function tableOfPart(name: string): string | undefined {
  return /^tables\/([a-z_][a-z0-9_]{0,62})\/\d{8}$/.exec(name)?.[1];
}
