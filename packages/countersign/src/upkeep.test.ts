import { expect, it } from "vitest";
import { silent } from "./floor/log.ts";
import type { Connected } from "./governance/connect-upstreams.ts";
import type { Control } from "./governance/index.ts";
import { keepObserving } from "./upkeep.ts";

type Look = () => Promise<ReadonlySet<string>>;

/** The servers that are asked anew after a change, with these looks. */
async function askedAfter(lookAtConnections: Look, lookAtSecrets: Look): Promise<readonly string[]> {
  const loaded = { stops: [], workspace: undefined };
  const heard: ((now: typeof loaded) => void)[] = [];
  const keeper = { loaded: () => loaded, onChange: (then: (now: typeof loaded) => void) => void heard.push(then) };
  const asked: string[] = [];
  const observe = async (only?: ReadonlySet<string>) => {
    asked.push(...(only ?? []));
    return false;
  };
  const upstreams = { lookAtConnections, lookAtSecrets, observe, onToolsChanged: () => undefined };
  const undo: (() => Promise<unknown>)[] = [];
  keepObserving({ keeper } as unknown as Control, upstreams as unknown as Connected, silent, undo);
  for (const tell of heard) tell(loaded);
  for (const end of undo) await end();
  return asked;
}

const found: Look = async () => new Set(["one"]);
const broken: Look = async () => {
  throw new Error("the store is not there");
};

it("asks the servers whose connections changed where secrets cannot be looked at, and the other way round", async () => {
  expect(await askedAfter(found, broken)).toEqual(["one"]);
  expect(await askedAfter(broken, found)).toEqual(["one"]);
  expect(await askedAfter(broken, broken)).toEqual([]);
});
