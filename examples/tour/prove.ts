import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Countersign } from "@countersign/client";
import { must } from "./must.ts";
import { type Screen, timed } from "./screen.ts";

interface Proof {
  readonly screen: Screen;
  readonly reader: Countersign;
  readonly folder: string;
  readonly receipts: readonly string[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const cli = here("../../packages/countersign/bin/countersign.js");
const python = here("../../packages/contract/verifiers/verify.py");

/** Exports the receipts and verifies them without the server: twice, by programs that share no code. */
export async function proveOffline({ screen, reader, folder, receipts }: Proof): Promise<void> {
  screen.station("The receipts verify without the server, and one flipped byte does not");
  const trust = join(folder, "trust.json");
  await writeFile(trust, JSON.stringify(await reader.ledger.trust()));
  const [files, exportMs] = await timed(() => exportAll(reader, folder, receipts));
  screen.said("ana", `keeps the keys, and ${files.length} receipts as files, each in the signed tree`, exportMs);
  const [own, ownMs] = await timed(() => exitOf(process.execPath, [cli, "verify", ...files, "--trust", trust]));
  must(own.exit === 0, `countersign verify does not hold: ${own.said}`);
  screen.said("verify", `npx countersign verify: ${files.length} of ${files.length} hold`, ownMs);
  const [other, otherMs] = await timed(() => exitOf("python3", [python, "--trust", trust, ...files]));
  const hasPython = other.exit !== "missing";
  must(!hasPython || other.exit === 0, `verify.py does not hold: ${other.said}`);
  if (hasPython) screen.said("verify", `verify.py, of other hands: ${files.length} of ${files.length} hold`, otherMs);
  else screen.said("verify", "python3 is not on this machine: the second verifier was not run");
  const broken = await flipOne(folder, files[1] ?? files[0] ?? "");
  const mine = await exitOf(process.execPath, [cli, "verify", broken, "--trust", trust]);
  const theirs = hasPython ? await exitOf("python3", [python, "--trust", trust, broken]) : undefined;
  must(mine.exit === 1 && (theirs === undefined || theirs.exit === 1), "a flipped byte went through");
  screen.said("verify", `one byte flipped: ${mine.said.split("\n")[1]?.trim().slice(0, 62) ?? "it does not hold"}`);
  screen.seen(hasPython ? "both verifiers refuse it" : "the verifier refuses it");
}

async function exportAll(reader: Countersign, folder: string, receipts: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const id of receipts) {
    const file = join(folder, `${id}.json`);
    await writeFile(file, await included(reader, id));
    files.push(file);
  }
  return files;
}

/** The sequencer takes an entry into the tree within about a second. */
async function included(reader: Countersign, id: string): Promise<Uint8Array> {
  const until = performance.now() + 15_000;
  for (;;) {
    const bytes = await reader.receipts.bundle(id);
    const { payload } = JSON.parse(new TextDecoder().decode(bytes)) as { payload: string };
    const { predicate } = JSON.parse(atob(payload)) as {
      predicate: { checkpoint: unknown; entries: { place?: unknown }[] };
    };
    if (predicate.checkpoint !== null && predicate.entries.every((entry) => entry.place !== undefined)) return bytes;
    must(performance.now() < until, `${id} did not come into the tree`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function flipOne(folder: string, file: string): Promise<string> {
  const bytes = await readFile(file);
  const at = Math.floor(bytes.length / 2);
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  const broken = join(folder, "flipped.json");
  await writeFile(broken, bytes);
  return broken;
}

function exitOf(
  command: string,
  args: readonly string[],
): Promise<{ readonly exit: number | "missing"; readonly said: string }> {
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { env: { PATH: process.env.PATH, HOME: process.env.HOME } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        resolve({ exit: code === "ENOENT" ? "missing" : typeof code === "number" ? code : 70, said: stdout + stderr });
      },
    );
  });
}
