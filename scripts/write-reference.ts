// Writes `docs/reference/*.md` from the tables that the product itself uses. `test/docs.test.ts` says when they are old.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { exits, moves, problems, states } from "@countersign/contract";
import type { Command } from "commander";
import { shownMinutes } from "../packages/countersign/src/action/shown-sql.ts";
import { toolsFileSchema } from "../packages/countersign/src/catalog/tools-file.ts";
import { settings } from "../packages/countersign/src/config.ts";
import { consentMs } from "../packages/countersign/src/connections/index.ts";
import { createProgram } from "../packages/countersign/src/doors/cli/program.ts";
import { Shell } from "../packages/countersign/src/doors/cli/shell.ts";
import { type Route, routes } from "../packages/countersign/src/doors/http/index.ts";
import { maxBodyBytes } from "../packages/countersign/src/doors/http/parse-body.ts";
import { mcpDoorDefaults } from "../packages/countersign/src/doors/mcp/setting.ts";
import { planeLeaseMs } from "../packages/countersign/src/governance/keep-plane.ts";
import { proposalDays } from "../packages/countersign/src/governance/sql.ts";
import { maxLifetimeMs } from "../packages/countersign/src/identity/account.ts";
import { roles } from "../packages/countersign/src/identity/caller.ts";
import { staleAfterMs } from "../packages/countersign/src/identity/credentials.ts";
import { type Deed, deeds } from "../packages/countersign/src/identity/permission.ts";
import { tokenLifeMs } from "../packages/countersign/src/identity/token-key.ts";
import { mostApprovers } from "../packages/countersign/src/policy/cure.ts";
import { limits as workspaceLimits } from "../packages/countersign/src/workspace/files.ts";

const root = join(import.meta.dirname, "..");
const unused = () => Promise.reject(new Error("no command runs here"));

/** Every generated page, by its path. */
export function reference(): Readonly<Record<string, string>> {
  const folder = "docs/reference";
  return {
    [`${folder}/errors.md`]: errorsPage(),
    [`${folder}/settings.md`]: settingsPage(),
    [`${folder}/roles.md`]: rolesPage(),
    [`${folder}/states.md`]: statesPage(),
    [`${folder}/limits.md`]: limitsPage(),
    [`${folder}/tiers.md`]: tiersPage(),
    [`${folder}/commands.md`]: commandsPage(),
    [`${folder}/http.md`]: httpPage(),
  };
}

/** Every command as it is typed, and whether others stand below it. */
export function commands(): ReadonlyMap<string, Command> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const shell = new Shell({
    argv: [],
    env: {},
    cwd: "/",
    stdin,
    stdout,
    stderr,
    serve: async () => 0,
    backup: unused,
    restore: unused,
  });
  const found = new Map<string, Command>();
  const look = (command: Command, path: string): void => {
    found.set(path, command);
    for (const one of command.commands) look(one, `${path} ${one.name()}`);
  };
  look(createProgram(shell), "countersign");
  return found;
}

function page(title: string, source: string, ...parts: readonly string[]): string {
  return [`# ${title}`, `Generated from \`${source}\` by \`scripts/write-reference.ts\`.`, ...parts]
    .join("\n\n")
    .concat("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function errorsPage(): string {
  const rows = Object.entries(problems).map(([code, one]) => [
    `\`${code}\``,
    one.title,
    String(one.status),
    one.rpc === null ? "result with `isError`, or HTTP status" : String(one.rpc),
    String(one.exit),
  ]);
  return page(
    "Errors and exit codes",
    "packages/contract/src/problems.ts",
    "An error says that something could not be processed. A refusal is no error: it is an answer, with a receipt, and the command line ends with 3. A command that tells how an action stands (`actions submit`, `actions show`, `reverse`, `approvals approve`, `approvals edit`) ends as the action did.",
    table(["code", "meaning", "HTTP", "MCP", "exit"], rows),
    "Exit codes that are not errors:",
    table(
      ["exit", "meaning"],
      [
        [String(exits.ok), "done, or held and waiting for people, or still on its way"],
        [
          String(exits.doesNotHold),
          "checked, and it does not hold: `verify`, `doctor`, `plan --exit-code` with changes; an action that failed, so that certainly nothing happened, or that its server answered with an error",
        ],
        [String(exits.refused), "refused: policy, a check, a stop, people, a budget"],
        [
          String(exits.notEnough),
          "the evidence is not enough: what was not decided; an action that was sent and of which nobody knows what became (`unknown`)",
        ],
      ],
    ),
    "Errors over HTTP are `application/problem+json` (RFC 9457) with `code`, `detail`, and where there is a remedy `help`.",
  );
}

function settingsPage(): string {
  return page(
    "Settings",
    "packages/countersign/src/config.ts",
    "All from the environment; everything about the organisation stands in the workspace's files. A `COUNTERSIGN_` name that is not here stops the start.",
    table(
      ["setting", "meaning; default"],
      Object.entries(settings).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
  );
}

interface Rule {
  readonly roles: readonly string[];
  readonly dri?: true;
  readonly owner?: true;
  readonly self?: true;
  readonly asked?: true;
  readonly second?: true;
}

function rolesPage(): string {
  const columns = roles.filter((role) => role !== "dri");
  const rows = (Object.keys(deeds) as readonly Deed[]).map((deed) => {
    const rule: Rule = deeds[deed];
    const mark = (is: boolean | undefined): string => (is === true ? "yes" : "");
    const also = rule.asked === true ? "only who was asked" : rule.self === true ? "anyone for themself" : "";
    return [
      `\`${deed}\``,
      ...columns.map((role) => mark(rule.roles.includes(role))),
      mark(rule.dri),
      mark(rule.owner),
      rule.second === true ? "another person for the second half" : also,
    ];
  });
  return page(
    "Roles and deeds",
    "packages/countersign/src/identity/permission.ts",
    "What is not in this table can be done by nobody. *DRI* is the one person whom the workflow in question names; to hold the role `dri` alone gives nothing. *Owner* is the owner of the agent in question.",
    table(["deed", ...columns, "DRI", "owner", "and"], rows),
    "Where another person is asked for, whoever made the link of a login counts as one with it.",
    "In an organisation that states `singlePerson: true` and has one person, that person may do both halves, and puts a workspace in force alone; each record shows it.",
  );
}

function statesPage(): string {
  const meaning: Readonly<Record<(typeof states)[number], string>> = {
    received: "it came in; nothing is decided",
    held: "it waits for people or for time",
    ready: "everything it needed is there; it will be dispatched",
    running: "the intent is durable; the upstream may be acting",
    done: "the upstream answered, also where it answered with an error of its own",
    failed: "it is certain that nothing happened",
    unknown: "it was sent, and nobody knows what became of it; it is never sent again by itself",
    refused: "it was decided that it does not happen",
    reversed: "it was done, and then undone by an action of its own",
  };
  return page(
    "States",
    "packages/contract/src/state.ts",
    table(
      ["state", "meaning", "can become"],
      states.map((state) => [
        `\`${state}\``,
        meaning[state],
        moves[state].length === 0 ? "nothing" : moves[state].map((to) => `\`${to}\``).join(", "),
      ]),
    ),
    "The table is held by the code, by a check constraint and by a trigger of the database. `ARCHITECTURE.md` draws it.",
  );
}

function limitsPage(): string {
  const of = toolsFileSchema.shape.limits.parse({});
  const seconds = (ms: number): string => `${ms / 1000} s`;
  const bytes = (count: number): string => `${count.toLocaleString("en")} bytes`;
  const rows: readonly (readonly [string, string])[] = [
    ["Body of an HTTP request", bytes(maxBodyBytes)],
    ["Body of an MCP request", bytes(mcpDoorDefaults.maxBodyBytes)],
    [
      "A request of an agent waits for a held action",
      `${seconds(mcpDoorDefaults.waitMs)}, then it is told that it is held`,
    ],
    ["Deadline of a call, MCP door", seconds(mcpDoorDefaults.deadlineMs)],
    ["Deadline of an upstream, where its tools file says nothing else", seconds(of.timeoutMs)],
    ["Result of an upstream, where its tools file says nothing else", bytes(of.maxResultBytes)],
    ["Session of an MCP client without a request", seconds(mcpDoorDefaults.sessionTtlMs)],
    ["A file of a workspace", bytes(workspaceLimits.fileBytes)],
    ["Files of a workspace", `${workspaceLimits.files}, ${bytes(workspaceLimits.totalBytes)} in all`],
    ["People that one rule can ask for", String(mostApprovers)],
    ["What an approver was shown can be answered", `${shownMinutes} minutes`],
    ["A workspace waits for its second person", `${proposalDays} days`],
    ["Life of an agent's credential at most", `${maxLifetimeMs / 86_400_000} days`],
    ["Life of a token from a signed assertion", seconds(tokenLifeMs)],
    ["Connecting an upstream, from the command until the browser is back", seconds(consentMs)],
    ["A replica acts on what it last read of rules and stops", `${seconds(planeLeaseMs)}, then it executes nothing`],
    ["A replica trusts credentials it last read", `${seconds(staleAfterMs)}, then it lets nobody in`],
  ];
  return page("Limits", "packages/countersign/src", table(["what", "limit"], rows));
}

function tiersPage(): string {
  const files = ["base", "tier-0", "tier-1", "tier-2", "tier-3", "flow", "undo"];
  const text = (name: string): string =>
    readFileSync(join(root, "packages/countersign/policies", `${name}.cedar`), "utf8").trimEnd();
  return page(
    "Policies that ship: the base, the tiers, information flow and undos",
    "packages/countersign/policies",
    "They only forbid. Permits come from workflow files and from nowhere else. `@cure` says what a forbid asks for instead of denying.",
    ...files.map((name) => `## ${name}.cedar\n\n\`\`\`\n${text(name)}\n\`\`\``),
  );
}

function commandsPage(): string {
  const rows = [...commands()]
    .filter(([, command]) => command.commands.length === 0)
    .map(([path, command]) => [
      `\`${`${path} ${command.usage().replace(/^\[options\] ?/, "")}`.trim()}\``,
      command.description(),
    ]);
  return page(
    "Commands",
    "packages/countersign/src/doors/cli",
    "`--help` after any of them lists its options; `--json` makes answers and errors JSON. In this repository they run as `npx countersign …`.",
    table(["command", "what it does"], rows),
  );
}

function httpPage(): string {
  const who = (route: Route): string => {
    if (route.who === "anyone") return "anyone";
    const person =
      route.who.person === undefined ? [] : [route.who.person === "any" ? "people" : `people: \`${route.who.person}\``];
    return [...(route.who.agent === true ? ["agents"] : []), ...person].join("; ");
  };
  return page(
    "HTTP addresses",
    "packages/countersign/src/doors/http/routes",
    "Their exact shape is served at `/openapi.json`. For people, the deed of [the table of roles](roles.md) is named.",
    table(
      ["", "address", "what", "who"],
      routes.map((route) => [route.method, `\`${route.path}\``, route.summary, who(route)]),
    ),
  );
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of Object.entries(reference())) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
