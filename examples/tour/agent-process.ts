import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { must } from "./must.ts";

/** What the agent was told about one call. */
export interface Told {
  /** All text of the answer. */
  readonly text: string;
  readonly isError: boolean;
  /** What the plane itself says, where it and not the upstream answered. */
  readonly notice:
    | { readonly state: string; readonly refusal?: string; readonly sentence: string; readonly action: string }
    | undefined;
  /** The tools that were listed, where that was asked. */
  readonly tools: readonly string[];
  readonly ms: number;
}

export interface AgentProcess {
  call(tool: string, args: object): Promise<Told>;
  list(): Promise<Told>;
  close(): Promise<void>;
}

interface Line {
  readonly n: number;
  readonly error?: string;
  readonly result?: {
    readonly content?: readonly { readonly text?: string }[];
    readonly isError?: boolean;
    readonly tools?: readonly { readonly name: string }[];
    readonly _meta?: { readonly [name: string]: unknown };
  };
}

/** Starts the agent, given nothing but where the plane is and its key. */
export async function startAgent(url: string, key: string): Promise<AgentProcess> {
  const script = fileURLToPath(new URL("agent.ts", import.meta.url));
  const child = spawn(process.execPath, [script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env.PATH, MCP_URL: url, MCP_KEY: key },
  });
  const waiting = new Map<number, (line: Line) => void>();
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  void ended.then(() => {
    for (const [n, tell] of waiting) tell({ n, error: "the agent's process ended" });
  });
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    waiting.get(line.n)?.(line);
    waiting.delete(line.n);
  });
  const hear = (n: number): Promise<Line> => new Promise((resolve) => waiting.set(n, resolve));
  const first = await hear(0);
  must(first.error === undefined, `the agent could not connect: ${first.error}`);
  let last = 0;
  const ask = async (message: object): Promise<Told> => {
    const n = ++last;
    const started = performance.now();
    const heard = hear(n);
    child.stdin.write(`${JSON.stringify({ n, ...message })}\n`);
    return toldOf(await heard, performance.now() - started);
  };
  return {
    call: (tool, args) => ask({ tool, args }),
    list: () => ask({}),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

function toldOf({ error, result }: Line, ms: number): Told {
  const text = error ?? (result?.content ?? []).map((part) => part.text ?? "").join("\n");
  return {
    text,
    isError: error !== undefined || result?.isError === true,
    notice: result?._meta?.["countersign.dev/action"] as Told["notice"],
    tools: (result?.tools ?? []).map((tool) => tool.name),
    ms,
  };
}
