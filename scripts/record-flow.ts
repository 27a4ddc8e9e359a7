// Records what the real servers of test/flow say to the sessions, so that `npm run flow` needs none:
//   node scripts/record-flow.ts [WORKFLOW…]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Definition } from "../packages/countersign/src/catalog/index.ts";
import { openFlowWorld } from "../test/flow/catalog.ts";
import { type RecordedStep, record } from "../test/flow/record.ts";
import { readSessions, workflows } from "../test/flow/session.ts";
import { openStage, serverNames } from "../test/flow/stage.ts";
import { withoutWords } from "./recorded-listings.ts";

const folder = join(import.meta.dirname, "../test/flow/recorded");
const write = (name: string, value: unknown) =>
  writeFileSync(join(folder, `${name}.generated.json`), `${JSON.stringify(value, null, 1)}\n`);

/** Of servers that others wrote only names and schemas are kept, not their words. */
const isOwn = (server: string) => !["files", "git", "memory"].includes(server);

const stage = openStage();
const definitions = new Map<string, readonly Definition[]>();
for (const server of serverNames)
  definitions.set(
    server,
    (await stage.definitions(server)).map((one) => (isOwn(server) ? one : withoutWords(one))),
  );
await stage.close();
write("definitions", Object.fromEntries(definitions));

const world = await openFlowWorld(definitions);
for (const workflow of workflows) {
  if (process.argv.length > 2 && !process.argv.includes(workflow)) continue;
  const sessions = readSessions().filter((one) => one.workflow === workflow);
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
