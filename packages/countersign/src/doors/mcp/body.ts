import type { IncomingMessage } from "node:http";
import { type Json, JsonFault, parseJson } from "@countersign/contract";
import { rpcCodes } from "../../execution/mcp/index.ts";
import { Rejection } from "./rejection.ts";

/** The body as strict JSON: two readers could understand a duplicate name or an overlong number differently. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Json> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  return parse(await bytesOf(request, maxBytes), maxBytes);
}

/** By events: an iterator over a stream costs as much as reading the JSON in it. */
function bytesOf(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.pause();
        reject(tooLarge(maxBytes));
      } else chunks.push(chunk);
    });
    let isWhole = false;
    request.once("end", () => {
      isWhole = true;
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
    request.once("error", reject);
    // An error costs its stack: made only where it is thrown.
    request.once("close", () => {
      if (!isWhole) reject(new Rejection(400, rpcCodes.parse, "the request ended before its body did"));
    });
  });
}

function parse(bytes: Buffer, maxBytes: number): Json {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Rejection(400, rpcCodes.parse, "the body is not UTF-8");
  }
  try {
    const value = parseJson(text, { maxBytes });
    if (/__proto__|\\u00/i.test(text) && holdsProto(value))
      throw new Rejection(400, rpcCodes.invalidRequest, "the body holds the name `__proto__`, which is no name here");
    return value;
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    if (thrown.reason === "size") throw tooLarge(maxBytes);
    throw new Rejection(
      400,
      thrown.reason === "syntax" ? rpcCodes.parse : rpcCodes.invalidRequest,
      `the body cannot be read: ${thrown.message}`,
    );
  }
}

/** A server behind this one may be written so that this name changes every object it has. */
function holdsProto(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(holdsProto);
}

function tooLarge(maxBytes: number): Rejection {
  return new Rejection(413, rpcCodes.invalidRequest, `the body is larger than ${maxBytes} bytes`);
}
