// Records what the real servers of test/flow say to the sessions, so that `npm run flow` needs none:
//   node scripts/record-flow.ts [--held-out] [WORKFLOW…]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Definition } from "../packages/countersign/src/catalog/index.ts";
import { openFlowWorld } from "../test/flow/catalog.ts";
import { type RecordedStep, record } from "../test/flow/record.ts";
import { heldOutSet, ownSet, readSessions, workflowsOf } from "../test/flow/session.ts";
import { openStage, serversOf } from "../test/flow/stage.ts";
import { withoutWords } from "./recorded-listings.ts";

const { values, positionals } = parseArgs({
  options: { "held-out": { type: "boolean", default: false } },
  allowPositionals: true,
});
const set = values["held-out"] ? heldOutSet : ownSet;
const write = (name: string, value: unknown) =>
  writeFileSync(join(set.folder, "recorded", `${name}.generated.json`), `${JSON.stringify(value, null, 1)}\n`);

/** Of servers that others wrote only names and schemas are kept, not their words. */
const isOwn = (server: string) => !["files", "git", "memory"].includes(server);

const stage = openStage([], set);
const definitions = new Map<string, readonly Definition[]>();
for (const server of serversOf(set))
  definitions.set(
    server,
    (await stage.definitions(server)).map((one) => (isOwn(server) ? one : withoutWords(one))),
  );
await stage.close();
write("definitions", Object.fromEntries(definitions));

const world = await openFlowWorld(set, definitions);
for (const workflow of workflowsOf(set)) {
  if (positionals.length > 0 && !positionals.includes(workflow)) continue;
  const sessions = readSessions(set).filter((one) => one.workflow === workflow);
  const recorded = new Map<string, readonly RecordedStep[]>();
  const queue = [...sessions];
  const work = async () => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift())
      recorded.set(one.name, await record(world, one));
  };
  await Promise.all([work(), work(), work()]);
  write(workflow, Object.fromEntries(sessions.map(({ name }) => [name, recorded.get(name)])));
  for (const { name, steps } of sessions)
    for (const [at, { result }] of (recorded.get(name) ?? []).entries())
      if (result.isError === true)
        console.log(
          `${workflow}, ${name}: ${steps[at]?.call} answers with an error: ${JSON.stringify(result.content)}`,
        );
  console.log(`${workflow}: ${sessions.length} sessions`);
}
