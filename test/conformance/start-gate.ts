import { openTestGate, type TestGateOptions } from "./gate.ts";

/** The door and the upstream side alone, which the fast test judges: the hall is the double of `hall-double.ts`, which allows all. */
export async function startGate(
  fixtureUrl: string,
  more: Partial<TestGateOptions> = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const gate = await openTestGate({
    upstreams: [{ server: "fixture", transport: "http", url: fixtureUrl, headers: {} }],
    config: { isTransparent: () => true },
    ...more,
  });
  return { url: `${gate.origin}/mcp/fixture`, close: () => gate.close() };
}
