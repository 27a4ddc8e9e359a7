import { startFixture } from "../test/conformance/fixture.ts";
import { openTestGate } from "../test/conformance/gate.ts";
import { judge, type Revision, revisions, type Score } from "../test/conformance/referee.ts";

/** The gate in front of the fixture. For now its hall is the double of `test/conformance/hall-double.ts`, which allows all. */
async function startGate(fixtureUrl: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const gate = await openTestGate({
    upstreams: [{ server: "fixture", transport: "http", url: fixtureUrl, headers: {} }],
    config: { transparent: true },
  });
  return { url: `${gate.origin}/mcp/fixture`, close: () => gate.close() };
}

const total = (scores: ReadonlyMap<string, Score>): Score => {
  const all = [...scores.values()];
  const sum = (member: keyof Score) => all.reduce((before, score) => before + score[member], 0);
  return { passed: sum("passed"), failed: sum("failed"), warned: sum("warned") };
};

const say = (score: Score | undefined) =>
  score === undefined ? "not run" : `${score.passed} passed, ${score.failed} failed, ${score.warned} warned`;

async function compare(revision: Revision, direct: string, gated: string): Promise<boolean> {
  const alone = await judge(direct, revision);
  const through = await judge(gated, revision);
  console.log(`${revision}  server alone      ${say(total(alone))}`);
  console.log(`${revision}  through the gate  ${say(total(through))}`);
  const names = new Set([...alone.keys(), ...through.keys()]);
  const differing = [...names].filter((name) => say(alone.get(name)) !== say(through.get(name)));
  for (const name of differing)
    console.log(`  ${name}: alone ${say(alone.get(name))}; through the gate ${say(through.get(name))}`);
  const failing = [...alone].filter(([, score]) => score.failed > 0).map(([name]) => name);
  if (failing.length > 0) console.log(`  the fixture itself fails: ${failing.join(", ")}`);
  return differing.length === 0;
}

const fixture = await startFixture();
const gate = await startGate(fixture.url);
let equal = true;
for (const revision of revisions) equal = (await compare(revision, fixture.url, gate.url)) && equal;
await gate.close();
await fixture.close();
console.log(equal ? "the gate scores what the server scores" : "the gate scores differently from the server");
process.exitCode = equal ? 0 : 1;
