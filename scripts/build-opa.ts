import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "opa");
const name = "github.com/open-policy-agent/opa";

/** Where the pinned OPA lies, or will lie: another pin is another file. */
function pathOfOpa(): string {
  const pin = createHash("sha256")
    .update(readFileSync(join(folder, "go.mod")))
    .update(readFileSync(join(folder, "go.sum")));
  return join(import.meta.dirname, "../node_modules/.cache/opa", `opa-${pin.digest("hex").slice(0, 16)}`);
}

/**
 * Builds the Open Policy Agent from its pinned Go module where it is not there yet, and returns its path. Only tests
 * need it. Throws with the remedy where it cannot be had.
 */
export function buildOpa(): string {
  const path = pathOfOpa();
  if (existsSync(path)) return path;
  if (spawnSync("go", ["version"], { stdio: "ignore" }).status !== 0)
    throw new Error("no OPA: it is built from its Go module, and there is no `go` here; install Go 1.26 or later");
  console.error(`no OPA yet: go build ${name} (about two minutes the first time)`);
  mkdirSync(join(path, ".."), { recursive: true });
  const made = `${path}.${process.pid}`;
  const { status, stderr } = spawnSync(
    "go",
    ["build", "-mod=readonly", "-trimpath", "-tags", "opa_no_oci", "-ldflags", "-s -w", "-o", made, name],
    {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, CGO_ENABLED: "0" },
      timeout: 900_000,
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  if (status !== 0) {
    rmSync(made, { force: true });
    throw new Error(`no OPA: it could not be built\n${String(stderr).slice(-2000)}`);
  }
  renameSync(made, path);
  return path;
}

if (process.argv[1] === import.meta.filename) console.log(buildOpa());
