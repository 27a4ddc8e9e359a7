import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import pg from "pg";
import { z } from "zod";

export interface CleanupServer {
  readonly port: number;
  /** The tools that were called, in order. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

/** A column's value as PostgreSQL writes it: what it reads back is the same value, whatever the type. */
type Row = { readonly [column: string]: string | null };

const mostRows = 1_000;
const rowsSchema = z.array(z.record(z.string(), z.string().nullable())).max(mostRows);
const asText: pg.CustomTypesConfig = { getTypeParser: () => (value: unknown) => value };

/** `seen` is told of each call before it runs. */
export async function openServer(
  database: pg.PoolConfig,
  { port = 0, seen }: { readonly port?: number; readonly seen?: (tool: string) => Promise<void> } = {},
): Promise<CleanupServer> {
  const pool = new pg.Pool({ ...database, max: 4 });
  // A connection that breaks fails the call that uses it, and nothing else.
  pool.on("connect", (client) => client.on("error", () => undefined));
  pool.on("error", () => undefined);
  const calls: string[] = [];
  const told = async (tool: string) => {
    calls.push(tool);
    await seen?.(tool);
  };
  const serve = toNodeHandler(createMcpHandler(() => toolsOf(pool, told)));
  const http = createServer((request, response) => void serve(request as never, response));
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    port: (http.address() as AddressInfo).port,
    calls,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await pool.end();
    },
  };
}

function toolsOf(pool: pg.Pool, told: (tool: string) => Promise<void>): McpServer {
  const server = new McpServer({ name: "records", version: "1.0.0" });
  const sql = z.object({ sql: z.string().describe("one `delete from` of one table, without `returning`") });
  const found = z.object({ table: z.string(), rows: rowsSchema });
  server.registerTool(
    "dry_run",
    {
      description: "Gives every row that a delete would remove, and removes none.",
      inputSchema: sql,
      outputSchema: found,
    },
    async ({ sql }) => {
      await told("dry_run");
      const removed = await within(pool, "rollback", (client) => remove(client, sql));
      return { content: [text(`${removed.rows.length} rows of ${removed.table}`)], structuredContent: removed };
    },
  );
  server.registerTool("delete_rows", { description: "Removes rows.", inputSchema: sql }, async ({ sql }) => {
    await told("delete_rows");
    const { table, rows } = await within(pool, "commit", (client) => remove(client, sql));
    return { content: [text(`removed ${rows.length} rows of ${table}`)] };
  });
  const put = z.object({ table: z.string(), rows: rowsSchema });
  server.registerTool("insert_rows", { description: "Adds rows.", inputSchema: put }, async ({ table, rows }) => {
    await told("insert_rows");
    await within(pool, "commit", (client) => insert(client, table, rows));
    return { content: [text(`added ${rows.length} rows to ${table}`)] };
  });
  return server;
}

/** An error of the database is thrown, and the SDK answers it as the tool's own error. */
async function within<T>(pool: pg.Pool, end: "commit" | "rollback", run: (client: pg.PoolClient) => Promise<T>) {
  const client = await pool.connect();
  try {
    await client.query("begin; set local statement_timeout = '5s'");
    const result = await run(client);
    await client.query(end);
    return result;
  } catch (cause) {
    await client.query("rollback");
    throw cause;
  } finally {
    client.release();
  }
}

/** The dry run and the deed are this one function, so that what is counted is what would be removed. */
async function remove(client: pg.PoolClient, sql: string): Promise<{ table: string; rows: Row[] }> {
  // The extended protocol takes one statement only: none can follow that would end the transaction.
  const query = { text: `${sql}\nreturning *`, types: asText, queryMode: "extended" };
  const { command, fields, rows } = await client.query<Row>(query);
  const tables = [...new Set(fields.map((field) => field.tableID))];
  if (command !== "DELETE" || tables.length !== 1) throw new Error("it is no delete from one table");
  if (rows.length > mostRows) throw new Error(`it removes more than ${mostRows} rows`);
  const named = await client.query<{ name: string }>("select $1::oid::regclass::text as name", [tables[0]]);
  return { table: named.rows[0]?.name ?? "", rows };
}

async function insert(client: pg.PoolClient, table: string, rows: readonly Row[]): Promise<void> {
  const found = await client.query<{ name: string }>("select $1::regclass::text as name", [table]);
  const name = found.rows[0]?.name ?? "";
  for (const row of rows) {
    const columns = Object.keys(row);
    const names = columns.map((column) => pg.escapeIdentifier(column)).join(", ");
    const places = columns.map((_, at) => `$${at + 1}`).join(", ");
    await client.query(`insert into ${name} (${names}) values (${places})`, Object.values(row));
  }
}

const text = (said: string) => ({ type: "text" as const, text: said });

if (import.meta.main) {
  const { port } = await openServer({ connectionString: process.env.RECORDS_URL }, { port: 4792 });
  process.stdout.write(`records on http://127.0.0.1:${port}/mcp\n`);
}
