import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** How one server was had and started for its listing: nothing real stands in its environment. */
export interface PackServer {
  readonly package: string;
  readonly version: string;
  /** What to run in the folder that `--in` names; said again in the recorded listing. */
  readonly install: readonly string[];
  /** From the folder of the install and a folder of its own, which is removed again. */
  readonly command: readonly [folder: "in" | "node", file: string];
  readonly args?: (own: string) => readonly string[];
  readonly env?: (own: string) => Record<string, string>;
  /** What differs where its service's API lies at another address. */
  readonly at?: (url: string) => Pick<PackServer, "args" | "env" | "prepare">;
  readonly prepare?: (own: string) => Promise<void>;
}

const dummy = "dummy-not-a-credential";
// Nothing listens there: a server that calls out while it starts gets a refusal at once.
const nowhere = "http://127.0.0.1:9";

const kubeconfig = (url: string) => `apiVersion: v1
kind: Config
clusters: [{ name: dummy, cluster: { server: "${url}" } }]
users: [{ name: dummy, user: { token: "${dummy}" } }]
contexts: [{ name: dummy, context: { cluster: dummy, user: dummy, namespace: default } }]
current-context: dummy
`;

const npm = (name: string, version: string): readonly string[] => [
  `npm install --ignore-scripts --no-save ${name}@${version}`,
];

/** The servers whose definitions are recorded under `test/packs`, since they are too heavy to install for each run. */
export const packServers: Readonly<Record<string, PackServer>> = {
  github: {
    package: "github.com/github/github-mcp-server",
    version: "1.10.1",
    install: [
      "git clone --depth 1 --branch v1.10.1 the repository of github.com/github/github-mcp-server (the module proxy that was at hand refused it)",
      'go build -ldflags "-X main.version=1.10.1" -o github-mcp-server ./cmd/github-mcp-server',
    ],
    command: ["in", "github-mcp-server"],
    args: () => ["stdio", "--toolsets", "all"],
    env: () => ({ GITHUB_PERSONAL_ACCESS_TOKEN: dummy, GITHUB_HOST: nowhere }),
    at: (url) => ({ env: () => ({ GITHUB_PERSONAL_ACCESS_TOKEN: dummy, GITHUB_HOST: url }) }),
  },
  gitlab: {
    package: "@zereight/mcp-gitlab",
    version: "2.1.64",
    install: npm("@zereight/mcp-gitlab", "2.1.64"),
    command: ["node", "@zereight/mcp-gitlab/build/index.js"],
    env: () => ({
      GITLAB_PERSONAL_ACCESS_TOKEN: dummy,
      GITLAB_API_URL: `${nowhere}/api/v4`,
      GITLAB_TOOLSETS: "all",
      GITLAB_DISABLE_VERSION_CHECK: "true",
      USE_GITLAB_WIKI: "true",
      USE_MILESTONE: "true",
      USE_PIPELINE: "true",
    }),
    at: (url) => ({
      env: () => ({ GITLAB_PERSONAL_ACCESS_TOKEN: dummy, GITLAB_API_URL: `${url}/api/v4`, GITLAB_TOOLSETS: "all" }),
    }),
  },
  atlassian: {
    package: "mcp-atlassian",
    version: "0.23.1",
    install: ["python3 -m venv venv", "venv/bin/pip install mcp-atlassian==0.23.1"],
    command: ["in", "venv/bin/mcp-atlassian"],
    env: () => ({
      JIRA_URL: nowhere,
      JIRA_PERSONAL_TOKEN: dummy,
      CONFLUENCE_URL: nowhere,
      CONFLUENCE_PERSONAL_TOKEN: dummy,
      TOOLSETS: "all",
      // Defaults in its schemas are joined from a Python set: without this each start lists other definitions.
      PYTHONHASHSEED: "0",
    }),
  },
  kubernetes: {
    package: "kubernetes-mcp-server",
    version: "0.0.67",
    install: npm("kubernetes-mcp-server", "0.0.67"),
    command: ["node", "kubernetes-mcp-server/bin/index.js"],
    args: (own) => ["--kubeconfig", join(own, "kubeconfig"), "--toolsets", "config,core,helm"],
    prepare: (own) => writeFile(join(own, "kubeconfig"), kubeconfig(nowhere)),
    at: (url) => ({ prepare: (own) => writeFile(join(own, "kubeconfig"), kubeconfig(url)) }),
  },
  argocd: {
    package: "argocd-mcp",
    version: "0.9.0",
    install: npm("argocd-mcp", "0.9.0"),
    command: ["node", "argocd-mcp/dist/index.js"],
    args: () => ["stdio"],
    env: () => ({ ARGOCD_BASE_URL: nowhere, ARGOCD_API_TOKEN: dummy }),
  },
  launchdarkly: {
    package: "@launchdarkly/mcp-server",
    version: "0.6.2",
    install: npm("@launchdarkly/mcp-server", "0.6.2"),
    command: ["node", "@launchdarkly/mcp-server/bin/mcp-server.js"],
    args: () => ["start", "--transport", "stdio", "--api-key", dummy, "--server-url", nowhere],
    at: (url) => ({ args: () => ["start", "--transport", "stdio", "--api-key", dummy, "--server-url", url] }),
  },
  slack: {
    package: "slack-mcp-server",
    version: "1.3.0",
    install: npm("slack-mcp-server", "1.3.0"),
    command: ["node", "slack-mcp-server/bin/index.js"],
    args: () => ["--transport", "stdio", "--no-cache"],
    env: () => ({
      SLACK_MCP_XOXP_TOKEN: "demo",
      SLACK_MCP_ADD_MESSAGE_TOOL: "true",
      SLACK_MCP_REACTION_TOOL: "true",
      SLACK_MCP_ATTACHMENT_TOOL: "true",
      SLACK_MCP_MARK_TOOL: "true",
    }),
  },
  postgres: {
    package: "postgres-mcp",
    version: "0.3.0",
    install: [
      "python3.12 -m venv venv",
      "venv/bin/pip install 'attrs>=25.3.0' humanize instructor 'mcp[cli]<2' psycopg-pool 'psycopg[binary]' pglast==7.20",
      "venv/bin/pip install --no-deps postgres-mcp==0.3.0 (it asks for pglast 7.2.0, which is not served any more)",
    ],
    command: ["in", "venv/bin/postgres-mcp"],
    args: () => ["--access-mode", "unrestricted", "--transport", "stdio"],
    env: () => ({ DATABASE_URI: "postgresql://nobody@127.0.0.1:9/none" }),
  },
  salesforce: {
    package: "@salesforce/mcp",
    version: "0.30.15",
    install: npm("@salesforce/mcp", "0.30.15"),
    command: ["node", "@salesforce/mcp/bin/run.js"],
    args: () => [
      "--orgs",
      "DEFAULT_TARGET_ORG",
      "--toolsets",
      "core,orgs,metadata,data,users,testing,devops",
      "--no-telemetry",
    ],
  },
};

export interface Started {
  readonly client: Client;
  close(): Promise<void>;
}

/** Starts the server that was installed in `folder`, over stdio, with a home of its own. */
export async function startPackServer(server: PackServer, folder: string): Promise<Started> {
  const own = await mkdtemp(join(tmpdir(), "countersign-"));
  await mkdir(join(own, "home"));
  await server.prepare?.(own);
  const [where, file] = server.command;
  const path = resolve(folder, where === "node" ? join("node_modules", file) : file);
  const transport = new StdioClientTransport({
    command: where === "node" ? process.execPath : path,
    args: [...(where === "node" ? [path] : []), ...(server.args?.(own) ?? [])],
    cwd: own,
    env: { PATH: process.env.PATH ?? "", HOME: join(own, "home"), ...server.env?.(own) },
    stderr: "ignore",
  });
  const client = new Client({ name: "review-pack", version: "1" }, { capabilities: {} });
  await client.connect(transport, { timeout: 120_000 });
  return {
    client,
    async close() {
      await client.close();
      await rm(own, { recursive: true, force: true });
    },
  };
}
