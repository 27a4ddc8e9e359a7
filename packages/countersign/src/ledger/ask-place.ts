import { Problem } from "../floor/problem.ts";

const deadlineMs = 10_000;
const mostBytes = 1024 * 1024;

/** One request to a place of checkpoints: no redirect, ten seconds for all of it, one megabyte. */
export async function askPlace(
  url: string,
  init: { readonly method: "GET" | "POST"; readonly headers?: Record<string, string>; readonly body?: string | Buffer },
): Promise<{ readonly status: number; readonly body: Buffer }> {
  try {
    const { body } = init;
    const response = await fetch(url, {
      method: init.method,
      ...(init.headers === undefined ? {} : { headers: init.headers }),
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : new Uint8Array(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(deadlineMs),
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) throw new Problem("unavailable", "its answer is larger than a megabyte");
      chunks.push(chunk);
    }
    return { status: response.status, body: Buffer.concat(chunks) };
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const isLate = cause instanceof Error && cause.name === "TimeoutError";
    throw new Problem(
      "unavailable",
      isLate ? `it did not answer within ${deadlineMs / 1000} s` : "it cannot be reached",
      {
        cause,
      },
    );
  }
}
