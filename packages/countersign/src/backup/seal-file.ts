import { Readable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import { Problem } from "../floor/problem.ts";
import { Damage } from "./damage.ts";

const ageHead = Buffer.from("age-encryption.org/v1\n");

/** Encrypts a stream to age recipients; as it is where there are none. */
export async function sealFile(
  bytes: AsyncIterable<Buffer>,
  recipients: readonly string[],
): Promise<AsyncIterable<Uint8Array>> {
  if (recipients.length === 0) return bytes;
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw new Problem("invalid", `\`${recipient.slice(0, 100)}\` is not an age recipient`, {
        help: "such as `age1…`; `age-keygen` makes one",
        cause,
      });
    }
  }
  return Readable.fromWeb((await encrypter.encrypt(webOf(bytes))) as WebStream<Uint8Array>);
}

/** Opens what `sealFile` wrote. */
export async function openFile(
  bytes: AsyncIterable<Buffer>,
  identity: () => string | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const chunks = bytes[Symbol.asyncIterator]();
  const first = await chunks.next();
  const head = first.done === true ? Buffer.alloc(0) : first.value;
  const whole = (async function* whole(): AsyncGenerator<Buffer> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => chunks };
  })();
  if (!head.subarray(0, ageHead.length).equals(ageHead)) return whole;
  const key = identity();
  if (key === undefined)
    throw new Problem("invalid", "this backup is encrypted", { help: "name the age identity with `--identity FILE`" });
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  try {
    return authentic(Readable.fromWeb((await decrypter.decrypt(webOf(whole))) as WebStream<Uint8Array>));
  } catch (cause) {
    throw new Problem("invalid", "the identity does not open this backup", { cause });
  }
}

async function* authentic(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch {
    throw new Damage("it was changed or cut off after it was encrypted", true);
  }
}

function webOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from(bytes, { objectMode: false })) as ReadableStream<Uint8Array>;
}
