// One of the servers of these sessions, over stdio: `node main.ts NAME STATE.json`.
import { calendar } from "./calendar.ts";
import { ci } from "./ci.ts";
import { crm } from "./crm.ts";
import { deploy } from "./deploy.ts";
import { desk } from "./desk.ts";
import { directory } from "./directory.ts";
import { issues } from "./issues.ts";
import { mail } from "./mail.ts";
import { orders } from "./orders.ts";
import { type ServerTools, serve } from "./serve.ts";
import { web } from "./web.ts";

const servers: { readonly [name: string]: ServerTools<never> } = {
  calendar,
  ci,
  crm,
  deploy,
  desk,
  directory,
  issues,
  mail,
  orders,
  web,
};

const [name = "", file = ""] = process.argv.slice(2);
const tools = servers[name];
if (tools === undefined) throw new Error(`the first argument is one of ${Object.keys(servers).join(", ")}`);
await serve(name, tools, file);
