import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { generateIdentity } from "age-encryption";
import { afterEach, describe, expect, it } from "vitest";
import { openKeyring } from "./keyring.ts";
import { createSealer } from "./sealer.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "keyring-"));
  folders.push(made);
  return made;
}

async function identityFile(at: string): Promise<string> {
  const path = join(at, "identity.txt");
  writeFileSync(path, `# made for a test\n${await generateIdentity()}\n`, { mode: 0o600 });
  return path;
}

describe("keyring", () => {
  it("makes a key file of mode 0600 and opens it again", async () => {
    const dataDir = folder();
    const sealed = (await openKeyring({ dataDir })).sealer.seal(Buffer.from("x"), "a");
    expect(statSync(join(dataDir, "sealing.key")).mode & 0o777).toBe(0o600);
    expect((await openKeyring({ dataDir })).sealer.open(sealed, "a").toString()).toBe("x");
    expect(readdirSync(dataDir)).toEqual(["sealing.key"]);
  });

  it("lends its keys as objects that open what it sealed, before and after a rotation, and show nothing", async () => {
    const keyring = await openKeyring({ dataDir: folder() });
    const before = keyring.sealer.seal(Buffer.from("x"), "a");
    await keyring.rotate();
    const after = keyring.sealer.seal(Buffer.from("y"), "a");
    const lent = structuredClone(keyring.lend());
    const opener = createSealer(lent);
    expect([before, after].map((sealed) => opener.open(sealed, "a").toString())).toEqual(["x", "y"]);
    expect(lent.map(({ id }) => id)).toEqual(keyring.keyIds);
    const shown = `${JSON.stringify(lent)} ${inspect(lent, { depth: 9, showHidden: true })}`;
    for (const { key } of lent) expect(shown).not.toContain(key.export().toString("hex"));
  });

  it("two that start at once end up with the same key", async () => {
    const dataDir = folder();
    const rings = await Promise.all(Array.from({ length: 8 }, () => openKeyring({ dataDir })));
    expect(new Set(rings.map((ring) => ring.sealer.keyId)).size).toBe(1);
  });

  it("refuses a key file that others can read, and says what to do", async () => {
    const dataDir = folder();
    await openKeyring({ dataDir });
    const path = join(dataDir, "sealing.key");
    for (const mode of [0o640, 0o604, 0o660, 0o644]) {
      chmodSync(path, mode);
      await expect(openKeyring({ dataDir })).rejects.toMatchObject({
        code: "unavailable",
        help: expect.stringContaining(`chmod 600 ${path}`),
      });
    }
    chmodSync(path, 0o600);
    await openKeyring({ dataDir });
  });

  it("refuses a broken key file without quoting it", async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, "sealing.key"), `0000000g ${"ab".repeat(32)}\n`, { mode: 0o600 });
    const fault = await openKeyring({ dataDir }).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code: "unavailable" });
    expect(String(fault) + JSON.stringify(fault)).not.toContain("abab");
  });

  it("keeps the keys under an age identity, and opens them with that one only", async () => {
    const dataDir = folder();
    const identity = await identityFile(folder());
    const sealed = (await openKeyring({ dataDir, identityFile: identity })).sealer.seal(Buffer.from("x"), "a");
    expect(readFileSync(join(dataDir, "sealing.key.age"), "latin1")).toMatch(/^age-encryption\.org\/v1\n/);
    expect((await openKeyring({ dataDir, identityFile: identity })).sealer.open(sealed, "a").toString()).toBe("x");
    await expect(openKeyring({ dataDir, identityFile: await identityFile(folder()) })).rejects.toMatchObject({
      code: "unavailable",
    });
    await expect(openKeyring({ dataDir })).rejects.toMatchObject({ code: "unavailable" });
    chmodSync(identity, 0o644);
    await expect(openKeyring({ dataDir, identityFile: identity })).rejects.toMatchObject({
      help: expect.stringContaining("chmod 600"),
    });
  });

  it("rotates: the new key seals, old ones open until they are retired", async () => {
    const dataDir = folder();
    const ring = await openKeyring({ dataDir });
    const sealed = ring.sealer.seal(Buffer.from("x"), "a");
    const { keyId, before } = await ring.rotate();
    expect(ring.sealer.keyId).toBe(keyId);
    expect((await openKeyring({ dataDir })).keyIds).toEqual([keyId, before]);
    expect(ring.sealer.open(sealed, "a").toString()).toBe("x");
    await expect(ring.retire(keyId)).rejects.toMatchObject({ code: "conflict" });
    await ring.retire(before);
    expect(() => ring.sealer.open(sealed, "a")).toThrow("not in the key file");
    expect(statSync(join(dataDir, "sealing.key")).mode & 0o777).toBe(0o600);
  });
});
