import { request } from "node:http";
import { type ProblemCode, problems } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import { localSocket } from "./socket.ts";

interface Said {
  readonly url?: string;
  readonly expiresAt?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly help?: string;
}

/** A login link of the server that runs over this data folder on this machine. */
export async function askLocal(
  dataFolder: string,
  person: string,
): Promise<{ readonly url: string; readonly expiresAt: string }> {
  const { path } = localSocket(dataFolder);
  const { status, text } = await post(path, JSON.stringify({ person }));
  const { url, expiresAt, code, detail, help } = JSON.parse(text) as Said;
  if (status === 201 && url !== undefined && expiresAt !== undefined) return { url, expiresAt };
  const known = Object.keys(problems).find((one): one is ProblemCode => one === code) ?? "bug";
  throw new Problem(known, detail ?? "the server did not say why", help === undefined ? {} : { help });
}

function post(socketPath: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(
        new Problem("unavailable", "no server answers over this data folder", {
          help: "run this on the server's machine, as its user, with its `COUNTERSIGN_DATA`",
          cause,
        }),
      );
    const asked = request({ socketPath, method: "POST", path: "/link", timeout: 20_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.once("error", fail);
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer")));
    asked.once("error", fail);
    asked.end(body);
  });
}
