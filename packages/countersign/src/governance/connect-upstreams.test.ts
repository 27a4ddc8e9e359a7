import { expect, it } from "vitest";
import { systemClock } from "../floor/clock.ts";
import { silent } from "../floor/log.ts";
import { Secret } from "../floor/secret.ts";
import { createIssued, createLeases } from "../secrets/index.ts";
import { connectUpstreams, type UpstreamSources } from "./connect-upstreams.ts";

type Listed = readonly { readonly name: string; readonly version: number; readonly at: string }[];

function open(list: () => Promise<Listed>) {
  const leases = createLeases(systemClock, createIssued());
  const connections = { store: { list }, control: () => undefined };
  const upstreams = connectUpstreams({
    leases,
    log: silent,
    clock: systemClock,
    connections,
  } as never as UpstreamSources);
  return { leases, upstreams, lease: (name: string) => leases.open(name, 1, new Secret("a value"), { server: "s" }) };
}

it("takes back at every look what is leased of a secret that is gone, whether a look ever saw it or not", async () => {
  let listed: Listed = [{ name: "kept", version: 1, at: "" }];
  const { leases, upstreams, lease } = open(async () => listed);
  const held = ["kept", "connection/con_1", "put-and-removed"].map(lease);
  await upstreams.lookAtSecrets();
  expect(held.map(({ revoked }) => revoked.aborted)).toEqual([false, false, true]);
  // It was read before the removal, and opened after the look.
  const late = lease("put-and-removed");
  await upstreams.lookAtSecrets();
  expect(late.revoked.aborted).toBe(true);
  listed = [];
  await upstreams.lookAtSecrets();
  expect(leases.list().map(({ name }) => name)).toEqual(["connection/con_1"]);
});

it("does not judge by an older list what was put and leased while it was read", async () => {
  const { upstreams, lease } = open(async () => {
    opened ??= lease("just-put");
    return [];
  });
  let opened: ReturnType<typeof lease> | undefined;
  await upstreams.lookAtSecrets();
  expect(opened?.revoked.aborted).toBe(false);
  await upstreams.lookAtSecrets();
  expect(opened?.revoked.aborted).toBe(true);
});
