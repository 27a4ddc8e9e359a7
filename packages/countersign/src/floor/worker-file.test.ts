import { expect, it } from "vitest";
import { workerFile } from "./worker-file.ts";

it("a worker is found beside its module, from source and where it was built", () => {
  const [source, built] = ["ts", "js"].map((ending) => `file:///product/policy/parse.${ending}`);
  expect(workerFile("./parse-worker.ts", `${source}`).href).toBe("file:///product/policy/parse-worker.ts");
  expect(workerFile("./parse-worker.ts", `${built}`).href).toBe("file:///product/policy/parse-worker.js");
  expect(workerFile("./prove/a.ts.b-worker.ts", `${built}`).href).toBe("file:///product/policy/prove/a.ts.b-worker.js");
});
