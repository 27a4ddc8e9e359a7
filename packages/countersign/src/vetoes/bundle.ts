import { gunzipSync } from "node:zlib";
import { type Json, parseJson } from "@countersign/contract";

/** What of an OPA bundle is needed to evaluate it. */
export interface Bundle {
  readonly wasm: Uint8Array;
  readonly data?: Json;
  readonly revision?: string;
}

const longest = 64 * 1024 * 1024;
const block = 512;
const wasmMagic = 0x6d736100;

/** Reads what `opa build -t wasm` wrote, or a bare WebAssembly module. Fails with words of our own. */
export function readBundle(bytes: Uint8Array): Bundle {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length > 4 && buffer.readUInt32LE(0) === wasmMagic) return { wasm: buffer };
  const files = filesOf(unzipped(buffer));
  const wasm = files.get("policy.wasm");
  if (wasm === undefined) throw new Error("there is no `policy.wasm` in the bundle; build it with `opa build -t wasm`");
  const data = jsonOf(files.get("data.json"));
  const manifest = jsonOf(files.get(".manifest"));
  const revision =
    typeof manifest === "object" && manifest !== null && !Array.isArray(manifest) && "revision" in manifest
      ? manifest.revision
      : undefined;
  return {
    wasm,
    ...(data === undefined ? {} : { data }),
    ...(typeof revision === "string" && revision !== "" ? { revision } : {}),
  };
}

function unzipped(buffer: Buffer): Buffer {
  try {
    return gunzipSync(buffer, { maxOutputLength: longest });
  } catch {
    throw new Error("the bundle is no gzip file, or larger than 64 MiB");
  }
}

/** The regular files of a tar archive, by their path without what leads to it. Nothing of it is written anywhere. */
function filesOf(tar: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + block <= tar.length; ) {
    const header = tar.subarray(at, at + block);
    const name = textOf(header, 0, 100).replace(/^\.?\//, "");
    if (name === "") break;
    const size = Number.parseInt(textOf(header, 124, 12).trim() || "0", 8);
    if (!Number.isSafeInteger(size) || size < 0 || at + block + size > tar.length)
      throw new Error("the bundle is no tar archive, or cut short");
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "0" || type === "\0") files.set(name, tar.subarray(at + block, at + block + size));
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}

function textOf(header: Buffer, from: number, length: number): string {
  const part = header.subarray(from, from + length);
  const end = part.indexOf(0);
  return part.subarray(0, end < 0 ? length : end).toString("utf8");
}

function jsonOf(file: Buffer | undefined): Json | undefined {
  if (file === undefined) return undefined;
  try {
    return parseJson(file.toString("utf8"), { maxBytes: longest });
  } catch {
    throw new Error("a file of the bundle is not JSON that can mean one thing only");
  }
}
