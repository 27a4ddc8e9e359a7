import { Damage } from "./damage.ts";

const block = 512;
const ending = Buffer.alloc(2 * block);
/** A part of a backup is never larger; a file that says so is not one of ours. */
const longestEntry = 64 * 1024 * 1024;

export interface TarEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/** One entry of a tar file (ustar), which everyone's tools can list and unpack. */
export function tarEntry({ name, bytes }: TarEntry): Buffer {
  const head = Buffer.alloc(block);
  if (Buffer.byteLength(name) > 100) throw new RangeError("the name of a tar entry has at most 100 bytes");
  head.write(name, 0);
  head.write("0000600\0", 100);
  head.write("0000000\0", 108);
  head.write("0000000\0", 116);
  head.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
  head.write("00000000000\0", 136);
  head.write("        ", 148);
  head.write("0", 156);
  head.write("ustar\x0000", 257);
  head.write(`${sumOf(head).toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([head, bytes, Buffer.alloc(padding(bytes.length))]);
}

export const tarEnd: Buffer = ending;

/** Entries one after the other. Fails where the bytes end before the file does. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new Input(source);
  for (;;) {
    const head = await input.take(block);
    if (head.every((byte) => byte === 0)) return input.drain();
    const size = Number.parseInt(head.toString("latin1", 124, 135), 8);
    const sum = Number.parseInt(head.toString("latin1", 148, 154), 8);
    const name = head.toString("utf8", 0, 100).replace(/\0.*$/, "");
    head.write("        ", 148);
    if (sum !== sumOf(head) || !(size >= 0 && size <= longestEntry))
      throw new Damage("a part of it begins with something else");
    const bytes = await input.take(size);
    await input.take(padding(size));
    yield { name, bytes };
  }
}

function sumOf(head: Buffer): number {
  let sum = 0;
  for (const byte of head) sum += byte;
  return sum;
}

function padding(size: number): number {
  return (block - (size % block)) % block;
}

/** Exactly so many bytes of a stream at a time. */
class Input {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #waiting: Buffer[] = [];
  #size = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    while (this.#size < count) {
      const next = await this.#chunks.next();
      if (next.done === true) throw new Damage("it ends in the middle: it was cut off");
      this.#waiting.push(Buffer.from(next.value));
      this.#size += next.value.length;
    }
    const whole = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting);
    const bytes = whole ?? Buffer.alloc(0);
    this.#waiting = bytes.length > count ? [bytes.subarray(count)] : [];
    this.#size -= count;
    return bytes.subarray(0, count);
  }

  /** To the very end, so that what authenticates the whole stream is checked too. */
  async drain(): Promise<void> {
    for (let next = await this.#chunks.next(); next.done !== true; next = await this.#chunks.next());
  }
}
