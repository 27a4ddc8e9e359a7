import type { Log } from "../floor/log.ts";
import type { Connected } from "./connect-upstreams.ts";
import type { Control } from "./control.ts";
import { raiseRevision } from "./sql.ts";

const observeEveryMs = 60_000;
const observeSoonMs = 1_000;

/** A workspace that was applied elsewhere brings its servers; each minute every server is asked again what it lists. */
export function keepObserving(
  control: Control,
  upstreams: Connected,
  log: Log,
  undo: (() => Promise<unknown>)[],
): void {
  let working: Promise<void> = Promise.resolve();
  const look = (only?: ReadonlySet<string>): void => {
    working = working
      .then(async () => {
        await upstreams.use(control.keeper.loaded().workspace?.toolsFiles ?? []);
        if (await upstreams.observe(only)) await bump(control);
      })
      .catch((cause: unknown) =>
        log.warn({ cause: String(cause) }, "upstream servers could not be asked; it is tried again"),
      );
  };
  let digest = control.keeper.loaded().workspace?.digest;
  control.keeper.onChange((loaded) => {
    if (loaded.workspace?.digest !== digest) look();
    digest = loaded.workspace?.digest;
    working = working
      .then(async () => {
        const connected = await upstreams.lookAtConnections();
        if (connected.size > 0 && (await upstreams.observe(connected))) await bump(control);
      })
      .catch((cause: unknown) => log.warn({ cause: String(cause) }, "connections could not be looked at"));
  });
  // A server that says so is asked at once, and one that says so all the time once a second.
  const changed = new Set<string>();
  let soon: NodeJS.Timeout | undefined;
  upstreams.onToolsChanged((server) => {
    changed.add(server);
    soon ??= setTimeout(() => {
      soon = undefined;
      look(new Set(changed));
      changed.clear();
    }, observeSoonMs).unref();
  });
  const timer = setInterval(() => look(), observeEveryMs);
  timer.unref();
  undo.push(async () => {
    clearInterval(timer);
    clearTimeout(soon);
    await working;
  });
}

/** What the catalog knows has changed: every replica reads it again. */
export async function bump(control: Control): Promise<void> {
  await control.parts.db.transaction((tx) => raiseRevision(tx));
  await control.keeper.refresh();
}
