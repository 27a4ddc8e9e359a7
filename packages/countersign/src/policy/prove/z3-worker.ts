import { createInterface } from "node:readline";
import { init } from "z3-solver";

/** The engine's own function, called in this thread: its answer from a thread of its own is now and then never told. */
interface Engine {
  ccall(
    name: string,
    returns: "string",
    takes: readonly ["number", "string"],
    args: readonly [unknown, string],
  ): string;
}

// A process of its own that is thrown away: reads SMT-LIB line by line and answers at each `echo`, as `z3 -in` does.
const { Z3, em } = (await init()) as Awaited<ReturnType<typeof init>> & { readonly em: Engine };
const context = Z3.mk_context(Z3.mk_config());
let script = "";
for await (const line of createInterface({ input: process.stdin })) {
  script += `${line}\n`;
  if (!line.startsWith("(echo ")) continue;
  const asked = script;
  script = "";
  process.stdout.write(`${em.ccall("Z3_eval_smtlib2_string", "string", ["number", "string"], [context, asked])}\n`);
}
// The engine's threads would keep the process alive.
process.exit(0);
