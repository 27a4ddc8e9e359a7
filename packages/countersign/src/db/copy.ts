import { once } from "node:events";
import { Readable } from "node:stream";
import { type Client, escapeLiteral } from "pg";
import { Problem } from "../floor/problem.ts";
import { eachRow, type Fields } from "./copied-rows.ts";
import type { Statement } from "./db.ts";
import { asDbProblem } from "./failure.ts";

/** The parts of the driver's connection that COPY needs; its types do not name them. */
interface Wire {
  readonly stream: Readable & { readonly writableNeedDrain: boolean };
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
}

const readAhead = 1024 * 1024;

/** What `copy … to stdout` gives. */
export interface Copied {
  /** Read no faster than it is consumed. A reader that leaves early must end the session. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Known when all bytes have come. */
  rows(): number;
}

export function copyOut(client: Client, text: string): Copied {
  let rows = 0;
  let wire: Wire | undefined;
  const bytes = new Readable({ highWaterMark: readAhead, read: () => void wire?.stream.resume() });
  const question = {
    submit(connection: unknown) {
      wire = connection as Wire;
      wire.query(text);
    },
    handleCopyData({ chunk }: { readonly chunk: Buffer }) {
      // The driver's buffer is used again: what waits must be its own.
      if (!bytes.push(Buffer.from(chunk))) wire?.stream.pause();
    },
    handleCommandComplete(message: { readonly text: string }) {
      rows = countIn(message.text);
    },
    handleReadyForQuery: () => void bytes.push(null),
    handleError: (error: unknown) => void bytes.destroy(asDbProblem(error)),
  };
  client.query(question as never);
  return { bytes, rows: () => rows };
}

/** Gives what a `copy … to stdout (format binary)` has, row by row and no faster than it is taken; the number of rows. */
export function copyEach(client: Client, statement: Statement, each: (fields: Fields) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const text = filled(statement);
    const take = eachRow(each);
    let rows = 0;
    let fault: unknown;
    const question = {
      submit: (connection: unknown) => (connection as Wire).query(text),
      handleCopyData({ chunk }: { readonly chunk: Buffer }) {
        if (fault !== undefined) return;
        try {
          take(chunk);
        } catch (thrown) {
          fault = thrown;
        }
      },
      handleCommandComplete(message: { readonly text: string }) {
        rows = countIn(message.text);
      },
      handleReadyForQuery: () => (fault === undefined ? resolve(rows) : reject(fault)),
      handleError: (error: unknown) => reject(fault ?? asDbProblem(error)),
    };
    client.query(question as never);
  });
}

/** COPY takes no parameters, so its values are written into its text. */
function filled({ text, values = [] }: Statement): string {
  return text.replace(/\$(\d+)/g, (_, at: string) => literal(values[Number(at) - 1]));
}

function literal(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "string") throw new Problem("bug", "a value of a copy is no text");
  if (value.includes("\0"))
    throw new Problem("invalid", "a text holds a NUL character, which the database cannot hold");
  return escapeLiteral(value);
}

/** Of the command's tag, `COPY 12`. */
function countIn(tag: string): number {
  return Number(/^COPY (\d+)/.exec(tag)?.[1] ?? 0);
}

/** Feeds `copy … from stdin`; resolves with the number of rows when they are in. */
export function copyIn(client: Client, text: string, chunks: AsyncIterable<Buffer>): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    let fault: unknown;
    const feed = async (wire: Wire): Promise<void> => {
      try {
        for await (const chunk of chunks) {
          if (fault !== undefined) return;
          wire.sendCopyFromChunk(chunk);
          if (wire.stream.writableNeedDrain) await once(wire.stream, "drain");
        }
        wire.endCopyFrom();
      } catch (thrown) {
        fault ??= thrown;
        wire.sendCopyFail("the source broke off");
      }
    };
    const question = {
      submit: (connection: unknown) => (connection as Wire).query(text),
      handleCopyInResponse: (connection: unknown) => void feed(connection as Wire),
      handleCommandComplete(message: { readonly text: string }) {
        rows = countIn(message.text);
      },
      handleReadyForQuery: () => (fault === undefined ? resolve(rows) : reject(fault)),
      handleError(error: unknown) {
        // What broke the source off says more than the server's echo of it.
        fault ??= asDbProblem(error);
        reject(fault);
      },
    };
    client.query(question as never);
  });
}
