import { hash } from "node:crypto";

/** `sha256:` and 64 hex digits of the UTF-8 bytes. */
export function digestText(text: string): string {
  return `sha256:${hash("sha256", text, "hex")}`;
}

export function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const [only] = parts;
  // In one go: a state that lives between updates costs more than the hashing.
  if (parts.length === 1 && only !== undefined) return hash("sha256", only, "buffer");
  return hash(
    "sha256",
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part))),
    "buffer",
  );
}
