import { startFixture } from "../test/conformance/fixture.ts";
import { differences, judge, revisions, scoreText, totalOf } from "../test/conformance/referee.ts";
import { openWholeGate } from "../test/conformance/whole-gate.ts";

const fixture = await startFixture();
// The product as it is served: PostgreSQL, policy, checks and ledger behind its MCP door.
const gate = await openWholeGate(fixture.url);
let equal = true;
for (const revision of revisions) {
  const alone = await judge(fixture.url, revision);
  const through = await judge(gate.url, revision);
  console.log(`${revision}  server alone      ${scoreText(totalOf(alone))}`);
  console.log(`${revision}  through the gate  ${scoreText(totalOf(through))}`);
  const differing = differences(alone, through);
  for (const line of differing) console.log(`  ${line}`);
  const failing = [...alone].filter(([, score]) => score.failed > 0).map(([name]) => name);
  if (failing.length > 0) console.log(`  failed by the server alone too: ${failing.join(", ")}`);
  equal &&= differing.length === 0;
}
await gate.close();
await fixture.close();
console.log(equal ? "the gate scores what the server scores" : "the gate scores differently from the server");
process.exitCode = equal ? 0 : 1;
