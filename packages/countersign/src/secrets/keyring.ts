import { createSecretKey } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../floor/problem.ts";
import { createPrivateFile, formatKeys, freshKey, parseKeys, readPrivateFile, replacePrivateFile } from "./key-file.ts";
import { createSealer, type LentKey, type Sealer, type SealingKey } from "./sealer.ts";

export interface KeyringOptions {
  /** Data folder; the key file is `sealing.key` in it, or `sealing.key.age` with an identity. */
  readonly dataDir: string;
  /** An age identity file (mode 0600). The key file is then encrypted to it, and useless without it. */
  readonly identityFile?: string;
  /** False where something is sealed already: then the key that sealed it is missing, and a new one would hide that. */
  readonly mayCreate?: boolean;
}

/** The key-encryption keys of this installation. `sealer` is replaced by a rotation, so ask for it each time. */
export interface Keyring {
  readonly sealer: Sealer;
  readonly keyIds: readonly string[];
  /** The keys as they are now, for a thread of this process. */
  lend(): readonly LentKey[];
  /** Puts a new key in force and keeps the old ones for opening. Rewrap what they sealed, then retire them. */
  rotate(): Promise<{ readonly keyId: string; readonly before: string }>;
  /** Forgets a key for good: what is still sealed under it can never be opened again. Never the one in force. */
  retire(keyId: string): Promise<void>;
}

/** Opens the key file, or creates it where there is none. Refuses a file that others can read. */
export async function openKeyring(options: KeyringOptions): Promise<Keyring> {
  const box = options.identityFile === undefined ? plainBox : ageBox(options.identityFile);
  const path = join(options.dataDir, box.name);
  const other = join(options.dataDir, box === plainBox ? "sealing.key.age" : "sealing.key");
  if (!existsSync(path)) {
    // INVARIANT: a second key file would split what is sealed between two keys.
    if (existsSync(other)) {
      throw new Problem("unavailable", `there is \`${other}\` and no \`${path}\``, {
        help:
          box === plainBox
            ? "name the age identity file that opens it"
            : "leave the age identity out, or move the key file into it first",
      });
    }
    if (options.mayCreate === false) {
      throw new Problem("unavailable", `the key file \`${path}\` is not here, and what is stored is sealed with it`, {
        help: "put it back from its backup",
      });
    }
    createPrivateFile(path, await box.close(formatKeys([freshKey()])));
  }
  let keys = parseKeys(await box.open(readPrivateFile(path)), path);
  let sealer = createSealer(keys);

  async function replace(next: readonly SealingKey[]): Promise<void> {
    replacePrivateFile(path, await box.close(formatKeys(next)));
    keys = [...next];
    sealer = createSealer(keys);
  }

  return {
    get sealer() {
      return sealer;
    },
    get keyIds() {
      return keys.map((key) => key.id);
    },
    lend: () => keys.map(({ id, key }) => ({ id, key: createSecretKey(key) })),
    async rotate() {
      const before = sealer.keyId;
      await replace([freshKey(), ...keys]);
      return { keyId: sealer.keyId, before };
    },
    async retire(keyId) {
      if (keyId === sealer.keyId)
        throw new Problem("conflict", `key \`${keyId}\` is in force`, { help: "rotate first" });
      if (!keys.some((key) => key.id === keyId)) throw new Problem("not_found", `there is no key \`${keyId}\``);
      await replace(keys.filter((key) => key.id !== keyId));
    },
  };
}

/** What opens what a key file sealed: one of these files, else one in the folder. Undefined where there is none to be had. */
export async function findSealer(
  options: Pick<KeyringOptions, "dataDir" | "identityFile"> & { readonly files: ReadonlyMap<string, Buffer> },
): Promise<Sealer | undefined> {
  const box = options.identityFile === undefined ? plainBox : ageBox(options.identityFile);
  const path = join(options.dataDir, box.name);
  const content = options.files.get(box.name) ?? (existsSync(path) ? readPrivateFile(path) : undefined);
  return content === undefined ? undefined : createSealer(parseKeys(await box.open(content), path));
}

interface Box {
  readonly name: string;
  open(content: Buffer): Promise<Buffer>;
  close(content: Buffer): Promise<Uint8Array>;
}

const plainBox: Box = { name: "sealing.key", open: async (content) => content, close: async (content) => content };

function ageBox(identityFile: string): Box {
  const identity = readIdentity(identityFile);
  return {
    name: "sealing.key.age",
    async open(content) {
      const { Decrypter } = await import("age-encryption");
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      try {
        return Buffer.from(await decrypter.decrypt(content));
      } catch {
        throw new Problem("unavailable", `the identity in \`${identityFile}\` does not open the key file`, {
          help: "name the identity that the key file was made with",
        });
      }
    },
    async close(content) {
      const { Encrypter, identityToRecipient } = await import("age-encryption");
      const encrypter = new Encrypter();
      encrypter.addRecipient(await identityToRecipient(identity));
      return encrypter.encrypt(content);
    },
  };
}

/** The identity in an age identity file, which only its owner may read. */
export function readIdentity(path: string): string {
  const line = readPrivateFile(path)
    .toString("utf8")
    .split(/\r?\n/)
    .find((text) => /^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(text));
  if (line === undefined)
    throw new Problem("unavailable", `\`${path}\` holds no age identity`, { help: "make one with `age-keygen`" });
  return line;
}
