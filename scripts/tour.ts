// `npm run tour`: the whole product in a folder of its own, played once, checking itself. Exits 1 where a promise does not hold.
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TourFailed } from "../examples/tour/must.ts";
import { type OpenStage, openStage } from "../examples/tour/open-stage.ts";
import { play } from "../examples/tour/play.ts";
import { copyWorkspace } from "../examples/tour/sandbox.ts";
import { Screen, timed } from "../examples/tour/screen.ts";

const screen = new Screen();
const folder = await mkdtemp(join(tmpdir(), "countersign-tour-"));
// The embedded server runs as another person where this one is root, and must reach its folder.
await chmod(folder, 0o755);
let stage: OpenStage | undefined;
let exit = 0;

const end = async (): Promise<void> => {
  await stage?.running.close();
  // As root the database lies elsewhere, and a note in the data folder says where.
  const elsewhere = await readFile(join(folder, "data", "postgres-is-at"), "utf8").catch(() => "");
  if (elsewhere.trim() !== "") await rm(elsewhere.trim(), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
};
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void end().finally(() => process.exit(130)));

try {
  screen.line(screen.paint.bold("Countersign, the tour"));
  screen.line("A real agent, real servers, two people: every promise once, and each is checked here.");
  const started = performance.now();
  const { hasGit } = await copyWorkspace(join(folder, "workspace"));
  const [opened, ms] = await timed(() => openStage(folder, 0));
  stage = opened;
  screen.station("The plane comes up on an empty folder");
  const { catalog } = opened.running.control.keeper.loaded();
  const tools = catalog.servers.flatMap((server) => catalog.list(server));
  screen.said("plane", `${opened.running.assembled.postgres}, at ${opened.running.url}`, ms);
  screen.said(
    "plane",
    `${catalog.servers.length} servers list ${tools.length} tools; ${tools.filter((tool) => tool.reviewed).length} were reviewed, and pinned by digest`,
  );
  const papers = join(folder, "papers");
  await mkdir(papers);
  const { url } = opened.running;
  await play(
    {
      url,
      workspace: join(folder, "workspace"),
      folder: papers,
      agentKey: await opened.key(),
      hasGit,
      link: opened.link,
    },
    screen,
  );
  screen.line();
  screen.line(
    `Everything held. ${((performance.now() - started) / 1000).toFixed(1)} s in all, and nothing is left behind.`,
  );
} catch (thrown) {
  exit = 1;
  screen.line();
  if (thrown instanceof TourFailed) screen.line(`${screen.paint.bad("The tour does not hold:")} ${thrown.message}`);
  else console.error(thrown);
} finally {
  await end();
}
process.exit(exit);
