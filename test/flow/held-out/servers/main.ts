// One of the servers of the held-out sessions, over stdio: `node main.ts NAME STATE.json`.
import { type ServerTools, serve } from "../../servers/serve.ts";
import { money } from "./money.ts";
import { office } from "./office.ts";
import { team } from "./team.ts";
import { trip } from "./trip.ts";

const servers: { readonly [name: string]: ServerTools<never> } = { money, office, team, trip };

const [name = "", file = ""] = process.argv.slice(2);
const tools = servers[name];
if (tools === undefined) throw new Error(`the first argument is one of ${Object.keys(servers).join(", ")}`);
await serve(name, tools, file);
