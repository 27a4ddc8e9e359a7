import { createInterface } from "node:readline";
import { init } from "z3-solver";

// A process of its own that is thrown away: reads SMT-LIB line by line and answers at each `echo`, as `z3 -in` does.
const { Z3 } = await init();
const context = Z3.mk_context(Z3.mk_config());
let script = "";
for await (const line of createInterface({ input: process.stdin })) {
  script += `${line}\n`;
  if (!line.startsWith("(echo ")) continue;
  const asked = script;
  script = "";
  process.stdout.write(`${await Z3.eval_smtlib2_string(context, asked)}\n`);
}
// The engine's threads would keep the process alive.
process.exit(0);
