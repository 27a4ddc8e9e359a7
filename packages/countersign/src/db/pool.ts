import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig, Pool, type PoolClient, type QueryResult } from "pg";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import type { DbAddress } from "./address.ts";
import { copyEach, copyIn, copyOut } from "./copy.ts";
import type { Db, Result, Session, Statement, Tx } from "./db.ts";
import { asDbProblem, isRetryable } from "./failure.ts";
import { valueTypes } from "./values.ts";

export interface DbOptions {
  readonly log: Log;
  /** Connections at most. */
  readonly max?: number;
  readonly connectMs?: number;
  /** What the database calls these connections; `countersign` where missing. */
  readonly name?: string;
}

const maxTries = 6;

/** Opens a database by its address or its `postgresql://` url. Connections are made when they are needed. */
export function openDb(at: string | DbAddress, options: DbOptions): Db {
  const config: ClientConfig = {
    ...(typeof at === "string" ? { connectionString: at } : { ...at, password: at.password.reveal() }),
    application_name: options.name ?? "countersign",
    connectionTimeoutMillis: options.connectMs ?? 5_000,
    keepAlive: true,
    types: valueTypes,
  };
  const pool = new Pool({ ...config, max: options.max ?? 10, idleTimeoutMillis: 30_000 });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on("error", (error) =>
    options.log.warn({ cause: asDbProblem(error).cause }, "an idle database connection broke"),
  );
  return {
    query: (statement, values) => run((q) => pool.query(q), statement, values),
    transaction: (work) => transact(pool, work),
    connect: () => openSession(config),
    close: () => pool.end(),
  };
}

/** One question as the driver wants it; a name makes it a prepared statement. */
interface Question {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
}

async function run<Row>(
  ask: (question: Question) => Promise<QueryResult>,
  statement: string | Statement,
  values?: readonly unknown[],
): Promise<Result<Row>> {
  const {
    name,
    text,
    values: own,
  } = typeof statement === "string" ? { text: statement, name: undefined, values: undefined } : statement;
  const given = values ?? own;
  try {
    const answer: QueryResult | QueryResult[] = await ask({
      text,
      ...(name === undefined ? {} : { name }),
      ...(given === undefined ? {} : { values: [...given] }),
    });
    // Several statements in one text (a migration) answer with a list.
    const last = Array.isArray(answer) ? answer.at(-1) : answer;
    return { rows: last?.rows ?? [], rowCount: last?.rowCount ?? 0 };
  } catch (error) {
    throw asDbProblem(error);
  }
}

async function transact<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(pool, work);
    } catch (error) {
      if (!isRetryable(error) || tries >= maxTries) throw error;
      await sleep(randomInt(1, 5 * 2 ** tries));
    }
  }
}

async function attempt<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asDbProblem(error);
  });
  let isOver = false;
  const tx: Tx = {
    query: (statement, values) => {
      if (isOver) throw new Problem("bug", "a transaction was used after its end");
      return run((q) => client.query(q), statement, values);
    },
  };
  let broken = false;
  const onError = () => {
    broken = true;
  };
  client.on("error", onError);
  try {
    await run((q) => client.query(q), "begin isolation level read committed");
    const value = await work(tx);
    isOver = true;
    await commit(client);
    return value;
  } catch (error) {
    isOver = true;
    await client.query("rollback").catch(onError);
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

/** PostgreSQL answers `commit` of a failed transaction with a rollback and no error: that must not pass for a commit. */
async function commit(client: PoolClient): Promise<void> {
  try {
    const answer = await client.query("commit");
    if (answer.command !== "COMMIT")
      throw new Problem("bug", "a statement of the transaction had failed; nothing was written");
  } catch (error) {
    throw asDbProblem(error);
  }
}

async function openSession(config: ClientConfig): Promise<Session> {
  const client = new Client(config);
  const heard = new Map<string, (payload: string) => void>();
  let isEnding = false;
  const lost = new Promise<Error>((resolve) => {
    client.on("error", (error) => resolve(asDbProblem(error)));
    client.on("end", () =>
      resolve(new Problem("unavailable", isEnding ? "the session has ended" : "the database connection was lost")),
    );
  });
  client.on("notification", ({ channel, payload }) => heard.get(channel)?.(payload ?? ""));
  try {
    await client.connect();
  } catch (error) {
    throw asDbProblem(error);
  }
  return {
    lost,
    query: (statement, values) => run((q) => client.query(q), statement, values),
    async onNotify(channel, hear) {
      heard.set(channel, hear);
      await run((q) => client.query(q), `listen ${client.escapeIdentifier(channel)}`);
    },
    copyOut: (text) => copyOut(client, text),
    copyEach: (statement, each) => copyEach(client, statement, each),
    copyIn: (text, chunks) => copyIn(client, text, chunks),
    async end() {
      isEnding = true;
      await client.end().catch(() => {});
    },
  };
}
