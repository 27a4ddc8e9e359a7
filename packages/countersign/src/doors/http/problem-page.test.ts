import { expect, it } from "vitest";
import { problemPage } from "./problem-page.ts";

const id = "act_01m825j6bwd9m3wxer95wjg1h0";
const body = { type: "about:blank", title: "conflict", status: 409, code: "conflict" } as const;
const shown = (help: string) =>
  problemPage({ ...body, detail: "your approval does not count", help } as Parameters<typeof problemPage>[0], undefined)
    .text;

it("links to the request that the help names, and to nothing else", () => {
  expect(shown(`look again before you answer: https://plane.example/approvals/${id}`)).toContain(
    `<a href="/approvals/${id}">Look at it again</a>`,
  );
  expect(shown('look at https://plane.example/approvals/act_"><script>')).not.toMatch(/Look at it again|<script>/);
});
