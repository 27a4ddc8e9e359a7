import {
  type Countersign,
  CountersignProblem,
  type Credential,
  type CredentialUses,
  type KeyShown,
} from "@countersign/client";
import { duration, type Noun } from "./command.ts";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface KeyOptions {
  readonly environment: string;
  readonly for?: string;
  readonly note?: string;
  readonly expires?: number;
}

export const agent: Noun = (program, shell) => {
  const noun = program.command("agent").description("agents, and the keys that prove who they are");
  noun
    .command("list")
    .description("every agent, whose it is and what it may do now")
    .action(async () => {
      const agents = await (await shell.client()).identity.agents();
      shell.answer({ agents }, () =>
        table(
          ["agent", "workflow", "tier", "owner", "may act", "its rules"],
          agents.map((one) => [
            one.name,
            one.workflow ?? "-",
            one.tier === null ? "-" : String(one.tier),
            one.owner,
            one.frozen ?? "yes",
            one.workflow === null
              ? "-"
              : one.observedUntil === null
                ? "bite"
                : `only observed until ${one.observedUntil}`,
          ]),
          shell.paint,
        ),
      );
    });
  noun
    .command("keys")
    .description("credentials of agents and people; never their values")
    .argument("[name]", "an agent, or a person's address")
    .action(async (name: string | undefined) => {
      const { identity } = await shell.client();
      const [credentials, shared] = await Promise.all([identity.credentials(name), sharedBy(identity)]);
      const told = credentials.map((one) => {
        const found = shared.find(({ credential }) => credential === one.id);
        return found === undefined ? one : { ...one, shared: found.differs };
      });
      shell.answer({ credentials: told }, () => keyTable(told, shell));
    });
  const key = noun.command("key").description("issue, rotate and revoke");
  for (const verb of ["issue", "rotate"] as const) {
    key
      .command(verb)
      .description(
        verb === "issue" ? "a new key, shown once" : "a new key beside the live one, which lives until it is revoked",
      )
      .argument("<agent>")
      .requiredOption("--environment <name>", "an agent has one account in each environment")
      .option("--for <address>", "the person whom the agent acts for with it; their connections are used")
      .option("--note <text>", "where it will be used")
      .option("--expires <duration>", "such as `30d`; the server's default where missing", duration)
      .action(async (name: string, options: KeyOptions) => {
        const { identity } = await shell.client();
        const made = await (verb === "issue" ? identity.issueKey : identity.rotateKey)(name, {
          environment: options.environment,
          ...(options.for === undefined ? {} : { onBehalfOf: options.for }),
          ...(options.note === undefined ? {} : { note: options.note }),
          ...(options.expires === undefined ? {} : { expiresInMs: options.expires }),
        });
        showKey(made, shell);
      });
  }
  key
    .command("revoke")
    .description("ends a credential at once, everywhere")
    .argument("<credential>", "`key_…`, as `agent keys` lists it")
    .requiredOption("--because <text>", "why")
    .action(async (credential: string, options: { because: string }) => {
      await (await shell.client()).identity.revoke(credential, options.because);
      shell.answer({ revoked: credential }, () => [`revoked ${line(credential)}`]);
    });
};

function showKey(made: KeyShown, shell: Shell): void {
  shell.note(`key ${made.credential}, until ${made.expiresAt}; it is shown this once:`);
  if (made.observedUntil !== undefined)
    shell.note(
      `its workflow is only observed until ${made.observedUntil}: until then what its rules refuse or ask about passes, but for executions in production, and in a \`copilot-only\` workflow for all executions`,
    );
  shell.answer(made, () => [made.key]);
}

type Shared = CredentialUses["shared"];

/** Which credentials seem to have two users; nothing where whoever asks may not know. */
async function sharedBy(identity: Countersign["identity"]): Promise<Shared> {
  try {
    return (await identity.uses()).shared;
  } catch (thrown) {
    if (thrown instanceof CountersignProblem && thrown.code === "forbidden") return [];
    throw thrown;
  }
}

function keyTable(
  credentials: readonly (Credential & { readonly shared?: Shared[number]["differs"] })[],
  shell: Shell,
): readonly string[] {
  const isShared = credentials.some(({ shared }) => shared !== undefined);
  return table(
    ["credential", "of", "kind", "environment", "for", "until", "note", ...(isShared ? ["users"] : [])],
    credentials.map((one) => [
      one.id,
      one.subject,
      one.kind,
      one.environment ?? "-",
      one.onBehalfOf ?? "-",
      one.revokedAtMs === null ? new Date(one.expiresAtMs).toISOString().slice(0, 10) : "revoked",
      one.note,
      ...(isShared ? [one.shared === undefined ? "" : `two: ${one.shared.join(" and ")} differ`] : []),
    ]),
    shell.paint,
  );
}
