import { StringDecoder } from "node:string_decoder";
import { Problem } from "../../floor/problem.ts";
import type { Terminal } from "./terminal.ts";

const mostTyped = 65_536;

/** Asks on the terminal and reads one line. `hidden` shows nothing of what is typed. */
export async function prompt(terminal: Terminal, question: string, hidden = false): Promise<string> {
  terminal.stderr.write(question);
  const isHidden = hidden && terminal.stdin.isTTY === true;
  if (isHidden) terminal.stdin.setRawMode?.(true);
  try {
    return await readLine(terminal, isHidden);
  } finally {
    if (isHidden) {
      terminal.stdin.setRawMode?.(false);
      terminal.stderr.write("\n");
    }
    terminal.stdin.pause();
  }
}

const left = new WeakMap<Terminal["stdin"], string>();
const decoders = new WeakMap<Terminal["stdin"], StringDecoder>();

/** A letter of several bytes may come in two pieces. */
function textOf(stdin: Terminal["stdin"], chunk: Buffer | string): string {
  if (typeof chunk === "string") return chunk;
  const decoder = decoders.get(stdin) ?? new StringDecoder("utf8");
  decoders.set(stdin, decoder);
  return decoder.write(chunk);
}

/** Reads a line; what came after it waits for the next question. */
function readLine(terminal: Terminal, raw: boolean): Promise<string> {
  const { stdin } = terminal;
  let text = left.get(stdin) ?? "";
  left.delete(stdin);
  return new Promise((resolve, reject) => {
    const done = (value: string | Problem): void => {
      stdin.off("data", heard);
      stdin.off("end", ended);
      if (typeof value === "string") resolve(value);
      else reject(value);
    };
    const look = (): void => {
      if (raw && text.includes("\u0003")) {
        done(new Problem("invalid", "nothing was given"));
        return;
      }
      if (raw) text = erased(text);
      const end = text.search(/[\r\n]/);
      if (end === -1) {
        if (text.length > mostTyped) done(new Problem("too_large", "that is too long"));
        return;
      }
      left.set(stdin, text.slice(end).replace(/^\r?\n|^\r/, ""));
      done(text.slice(0, end));
    };
    const heard = (chunk: Buffer | string): void => {
      text += textOf(stdin, chunk);
      look();
    };
    const ended = (): void => done(text === "" ? new Problem("invalid", "nothing was given") : text);
    stdin.on("data", heard);
    stdin.on("end", ended);
    look();
    if (stdin.readableEnded) ended();
    else stdin.resume();
  });
}

/** Backspace, where the terminal does not do it itself. */
function erased(text: string): string {
  let out = "";
  for (const character of text) out = character === "\u007f" || character === "\b" ? out.slice(0, -1) : out + character;
  return out;
}

/** A value that must not stand in a command line: typed unseen, or everything that is piped in, without its last newline. */
export async function readSecret(terminal: Terminal, question: string): Promise<string> {
  if (terminal.stdin.isTTY === true) return prompt(terminal, question, true);
  let text = "";
  for await (const chunk of terminal.stdin) {
    text += textOf(terminal.stdin, chunk as Buffer | string);
    if (text.length > mostTyped) throw new Problem("too_large", "that is too long");
  }
  const value = text.replace(/\r?\n$/, "");
  if (value === "")
    throw new Problem("invalid", "nothing was given", { help: "pipe it in, or type it at the question" });
  return value;
}
