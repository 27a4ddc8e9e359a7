// The upstream as a process of its own: it outlives the servers that are killed, and shares nothing with them.
import { startRecorder } from "./recorder.ts";

const [file = "", ledgerUrl] = process.argv.slice(2);
const recorder = await startRecorder(file, ledgerUrl);
process.send?.({ url: recorder.url });
process.on("disconnect", () => process.exit(0));
