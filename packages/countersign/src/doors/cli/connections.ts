import { setTimeout as sleep } from "node:timers/promises";
import type { Begun, Connection, Consent, Countersign } from "@countersign/client";
import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import { line, table } from "./paint.ts";
import { prompt } from "./prompt.ts";
import type { Shell } from "./shell.ts";

interface Whose {
  readonly workflow?: string;
  readonly person?: string;
}

interface ConnectOptions {
  readonly workflow?: string;
  readonly wait: boolean;
}

const lookEveryMs = 1_000;

/** The commands of `tools` about upstreams that people connect with their own accounts. */
export function addConnections(noun: Command, shell: Shell): void {
  noun
    .command("connect")
    .description("connect an upstream with an account of yours there; the consent is given in a browser")
    .argument("<server>")
    .option("--workflow <name>", "for which workflow, where connections are a workflow's")
    .option("--no-wait", "only begin: print the address and do not wait for the browser")
    .action((server: string, options: ConnectOptions) => connectServer(shell, server, options));
  noun
    .command("connections")
    .description("which upstreams are connected, for whom and until when; never a token")
    .argument("[server]")
    .action(async (server: string | undefined) => {
      const all = await (await shell.client()).connections.list();
      const found = all.filter((one) => server === undefined || one.server === server);
      shell.answer({ connections: found }, () => linesOf(found, shell));
    });
  noun
    .command("disconnect")
    .description("end a connection: its server is told, and the tokens are destroyed")
    .argument("<server>")
    .option("--workflow <name>", "of this workflow")
    .option("--person <address>", "of this person; your own where neither is given")
    .action((server: string, options: Whose) => disconnectServer(shell, server, options));
}

async function connectServer(shell: Shell, server: string, options: ConnectOptions): Promise<void> {
  const client = await shell.client();
  const { workflow } = options;
  const begun = await client.connections.begin(server, workflow === undefined ? {} : { workflow });
  if (!options.wait) {
    shell.answer(begun, () => [begun.url]);
    return;
  }
  shell.terminal.stderr.write(`open this address in a browser, within ten minutes:\n${begun.url}\n`);
  const ended = await untilEnded(shell, client, begun);
  if (ended.state !== "connected") throw notConnected(ended);
  shell.answer({ ...ended, url: begun.url, receipt: begun.receipt }, () => [
    `connected ${line(ended.server)} ${ended.workflow === null ? `for ${line(ended.person)}` : `for workflow ${line(ended.workflow)}`}`,
  ]);
}

/** Looks each second; where the browser shows a code, it is asked for here. */
async function untilEnded(shell: Shell, client: Countersign, begun: Begun): Promise<Consent> {
  for (;;) {
    const now = await client.connections.consent(begun.id);
    if (now.state === "asks for its code") await confirm(shell, client, begun.id);
    else if (now.state !== "open" && now.state !== "at the upstream") return now;
    await sleep(lookEveryMs);
  }
}

async function confirm(shell: Shell, client: Countersign, id: string): Promise<void> {
  const code = await prompt(shell.terminal, "type the code that the browser shows: ");
  try {
    await client.connections.confirm(id, code.trim().slice(0, 40));
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "invalid")) throw thrown;
    shell.terminal.stderr.write("that is not the code\n");
  }
}

function notConnected({ because, server, state }: Consent): Problem {
  const detail = because ?? `\`${server}\` was not connected: ${state === "expired" ? "it took too long" : state}`;
  return new Problem("conflict", detail, { help: `\`countersign tools connect ${server}\` begins again` });
}

function linesOf(found: readonly Connection[], shell: Shell): readonly string[] {
  if (found.length === 0) return ["nothing is connected"];
  return table(
    ["server", "for", "by", "since (UTC)", "token until (UTC)", "works"],
    found.map((one) => [
      one.server,
      one.workflow === null ? (one.person ?? "") : `workflow ${one.workflow}`,
      one.connectedBy,
      moment(one.connectedAt),
      untilOf(one),
      one.needsConnecting === null ? "yes" : `needs connecting again: ${one.needsConnecting}`,
    ]),
    shell.paint,
  );
}

function untilOf({ renewable, tokenUntil }: Connection): string {
  if (tokenUntil === null) return "not said";
  return `${moment(tokenUntil)}${renewable ? ", then renewed" : ""}`;
}

function moment(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}

async function disconnectServer(shell: Shell, server: string, whose: Whose): Promise<void> {
  const client = await shell.client();
  const found = (await client.connections.list()).filter((one) => one.server === server);
  const one = await chosen(client, found, whose);
  if (one === undefined) {
    throw new Problem(
      "not_found",
      `\`${line(server, 60)}\` is not connected for ${line(whose.workflow ?? whose.person ?? "you")}`,
      {
        help: "`countersign tools connections` lists what is",
      },
    );
  }
  const ended = await client.connections.disconnect(one.id);
  shell.answer({ ...ended, server, workflow: one.workflow, person: one.person }, () => [
    `disconnected ${line(server)}; its tokens are destroyed here`,
    ended.revoked === "revoked"
      ? "its authorization server was told and has ended them too"
      : shell.paint.warn(
          ended.revoked === "failed"
            ? "its authorization server could not be told: end the access there by hand"
            : "its authorization server has no address for that: end the access there by hand",
        ),
  ]);
}

async function chosen(
  client: Countersign,
  found: readonly Connection[],
  { workflow, person }: Whose,
): Promise<Connection | undefined> {
  if (workflow !== undefined) return found.find((one) => one.workflow === workflow);
  const me = person === undefined ? await client.identity.me() : undefined;
  const address = person ?? (me?.kind === "person" ? me.email : undefined);
  const own = found.find((one) => one.person !== null && one.person === address);
  if (own !== undefined || person !== undefined || found.length !== 1) return own;
  return found[0]?.workflow === null ? undefined : found[0];
}
