import { createRequire } from "node:module";
import { Unclean } from "./shape.ts";

type Parser = Pick<typeof import("libpg-query"), "loadModule" | "parseSync">;

const require = createRequire(import.meta.url);
const name = "libpg-query";

// Owned here alone. Whatever ends the parser's stack could leave it harmed, so then it is replaced whole.
let parser: Parser | undefined;
let loading: Promise<void> | undefined;

/** PostgreSQL's own grammar, compiled to WebAssembly. Until it is loaded, no SQL is a clean value. */
export async function loadSqlParser(): Promise<void> {
  if (parser !== undefined) return;
  loading ??= load().finally(() => {
    loading = undefined;
  });
  await loading;
}

async function load(): Promise<void> {
  delete require.cache[require.resolve(name)];
  const loaded = require(name) as Parser;
  await loaded.loadModule();
  parser = loaded;
}

/** The syntax tree of every statement in the text. */
export function parseSql(text: string): unknown {
  if (parser === undefined) {
    loadSqlParser().catch(() => undefined);
    throw new Unclean("no SQL can be read right now");
  }
  try {
    return parser.parseSync(text);
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "SqlError")
      throw new Unclean("it is no SQL of PostgreSQL's grammar");
    parser = undefined;
    loadSqlParser().catch(() => undefined);
    throw new Unclean("it is no SQL that can be read within bounds");
  }
}
