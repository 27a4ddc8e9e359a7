import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../packages/countersign/bin/countersign.js", import.meta.url));

/** The product as a process of its own, which a test may kill. */
export interface Product {
  readonly child: ChildProcess;
  readonly url: string;
  /** The one-time login link that it printed; empty where nobody was invited. */
  readonly link: string;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<number | null>;
  /** `kill -9`. */
  kill(): Promise<void>;
  said(): string;
}

/** `countersign up`, in this environment; resolves when it listens. */
export async function startProduct(env: Readonly<Record<string, string>>, invite?: string): Promise<Product> {
  const args = [bin, "up", ...(invite === undefined ? [] : ["--invite", invite])];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const lines = invite === undefined ? 1 : 2;
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => {
      if (said.out.split("\n").length > lines) resolve();
    });
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${said.err}`)));
  });
  const [url = "", link = ""] = said.out.split("\n");
  return {
    child,
    url,
    link,
    said: () => said.out + said.err,
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
