import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { prompt, readSecret } from "./prompt.ts";
import type { Terminal } from "./terminal.ts";

const value = "pässwörd-€";

/** A terminal into which this is typed or piped byte by byte, as slow as it may come. */
function byteByByte(text: string): Terminal {
  const stdin = new PassThrough();
  void (async () => {
    for (const byte of Buffer.from(text)) {
      stdin.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    stdin.end();
  })();
  return { stdin, stdout: new PassThrough(), stderr: new PassThrough() } as unknown as Terminal;
}

it("a value whose letters come in pieces is read as it was written, piped and typed", async () => {
  expect(await readSecret(byteByByte(`${value}\n`), "a value: ")).toBe(value);
  const terminal = byteByByte(`${value}\nsecond ${value}\n`);
  expect([await prompt(terminal, "one: "), await prompt(terminal, "two: ")]).toEqual([value, `second ${value}`]);
});
