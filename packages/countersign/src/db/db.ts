import type { Fields } from "./copied-rows.ts";

/** Rows come back typed by the caller: each room's `sql.ts` is the only place that names a row's shape. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface Result<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/** A transaction, or one statement that is its own. */
export interface Tx {
  query<Row = Record<string, unknown>>(
    statement: string | Statement,
    values?: readonly unknown[],
  ): Promise<Result<Row>>;
}

export interface Db extends Tx {
  /** Runs `work` in one transaction (read committed); retried on 40001 and 40P01, so `work` must be safe to repeat. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A connection of one's own, for the writer and for LISTEN; `lost` resolves when it breaks. */
  connect(): Promise<Session>;
  close(): Promise<void>;
}

export interface Session extends Tx {
  readonly lost: Promise<Error>;
  onNotify(channel: string, heard: (payload: string) => void): Promise<void>;
  /** What a `copy … to stdout` gives; the number of rows is known at its end. */
  copyOut(text: string): { readonly bytes: AsyncIterable<Buffer>; rows(): number };
  /** Gives each row of a `copy … to stdout (format binary)`, whose values may be texts and nulls; the number of rows. */
  copyEach(statement: Statement, each: (fields: Fields) => void): Promise<number>;
  /** Feeds a `copy … from stdin`; the number of rows. */
  copyIn(text: string, chunks: AsyncIterable<Buffer>): Promise<number>;
  end(): Promise<void>;
}
