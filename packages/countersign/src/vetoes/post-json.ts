import { type Json, type JsonObject, parseJson } from "@countersign/contract";
import { depthHeader, longestAnswer, longestQuestion } from "./veto.ts";

export interface Posting {
  readonly url: string;
  readonly body: JsonObject;
  readonly timeoutMs: number;
  readonly depth: number;
  readonly authorization?: string;
}

export type Posted =
  | { readonly bytes: string; readonly json: Json }
  | { readonly bytes?: string; readonly fault: string };

/** One question and its answer. Never throws; follows no redirect; reads no more than it must. What fails is said in words of our own. */
export async function postJson({ url, body, timeoutMs, depth, authorization }: Posting): Promise<Posted> {
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) > longestQuestion)
    return { fault: `the question is larger than ${longestQuestion} bytes` };
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: deadline,
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        [depthHeader]: String(depth + 1),
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: text,
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { fault: wrongStatus(response.status) };
    }
    const bytes = await readUpTo(response, longestAnswer);
    if (bytes === undefined) return { fault: `its answer is larger than ${longestAnswer} bytes` };
    return read(bytes);
  } catch {
    // The cause may quote the address, the question or the credential.
    return { fault: deadline.aborted ? `no answer within ${timeoutMs} ms` : "no connection, or it broke" };
  }
}

function wrongStatus(status: number): string {
  if (status >= 300 && status < 400) return "it answered with a redirect, and none is followed";
  if (status === 401 || status === 403) return `it did not take our credential: status ${status}`;
  return `it answered with status ${status}`;
}

async function readUpTo(response: Response, most: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function read(bytes: string): Posted {
  try {
    return { bytes, json: parseJson(bytes, { maxBytes: longestAnswer, maxDepth: 32 }) };
  } catch {
    return { bytes, fault: "its answer is not JSON that can mean one thing only" };
  }
}
