import { gather, type Noun } from "./command.ts";
import type { Given } from "./make-workspace.ts";

export const init: Noun = (program, shell) => {
  program
    .command("init")
    .description("make a first workflow: who owns it and what its rules are, then files; nothing is overwritten")
    .option("--workspace <folder>", "where the files go; this folder where missing")
    .option("--organisation <name>")
    .option("--owner <address>", "the e-mail address of the person who answers for the workflow")
    .option("--approver <address>", "a second person; without one the organisation is stated to be one person")
    .option("--workflow <name>", "such as `support-replies`")
    .option("--purpose <text>", "what it is for, in a sentence")
    .option("--agent <name>", "the agent that works in it")
    .option("--folder <path>", "the folder that the agent's file server may touch, inside the workspace", "sandbox")
    .option("--allow <tools>", "what it may do without asking, as `server.tool`", gather)
    .option("--ask <tools>", "what a person approves each time", gather)
    .option("--block <tools>", "what is always refused", gather)
    .action(async (given: Given) => (await import("./make-workspace.ts")).makeWorkspace(shell, given));
};
