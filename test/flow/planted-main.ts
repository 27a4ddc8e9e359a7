// Replays the sessions with the bug that was planted as this process was started, and prints the report.
import { planted } from "../faults/plant.ts";
import { measureFlow } from "./figures.ts";

const report = await measureFlow();
planted();
process.stdout.write(JSON.stringify(report));
