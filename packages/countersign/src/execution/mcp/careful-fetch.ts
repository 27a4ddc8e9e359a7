const maxBytes = 1_048_576;
const deadlineMs = 10_000;

/** `fetch` for authorization servers: follows no redirect, waits ten seconds, reads a megabyte. */
export async function carefulFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = init.signal == null ? deadline : AbortSignal.any([init.signal, deadline]);
  const response = await fetch(url, { ...init, redirect: "error", signal });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error("the answer is larger than its limit");
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), { status, headers });
}
