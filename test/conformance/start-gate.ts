import { openTestGate, type TestGateOptions } from "./gate.ts";

/** The gate that the suite judges. For now its hall is the double of `hall-double.ts`, which allows all. */
export async function startGate(
  fixtureUrl: string,
  more: Partial<TestGateOptions> = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const gate = await openTestGate({
    upstreams: [{ server: "fixture", transport: "http", url: fixtureUrl, headers: {} }],
    config: { transparent: true },
    ...more,
  });
  return { url: `${gate.origin}/mcp/fixture`, close: () => gate.close() };
}
