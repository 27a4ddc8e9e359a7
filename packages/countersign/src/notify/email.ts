import { escapeHtml, visible, visibleLine } from "../floor/visible.ts";
import { fit } from "./fit.ts";
import { factsOf, type NoticeBody, type NoticeType } from "./notice.ts";

const longestSubject = 160;
const longestFact = 3_000;

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail in two forms that say the same. Nothing is answered by mail: it holds a link. */
export function mailOf(type: NoticeType, body: NoticeBody, link: string): Mail {
  const mark = type === "test.page" ? "TEST: " : "";
  const title = fit(`${mark}${visibleLine(body.headline)}`, longestSubject);
  const people = body.people.length === 0 ? [] : [{ label: "For", value: body.people.slice(0, 50).join(", ") }];
  const facts = [...factsOf(body), ...people].map(({ label, value }) => ({
    label,
    value: fit(visible(value), longestFact),
  }));
  const text = [
    title,
    "",
    ...facts.map(({ label, value }) => `${label}: ${value.replaceAll("\n", "\n    ")}`),
    "",
    `Look at it here: ${link}`,
    "Opening the link changes nothing. Nothing can be answered by replying to this mail.",
  ].join("\n");
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><th align="left" valign="top">${escapeHtml(label)}</th><td>${escapeHtml(value).replaceAll("\n", "<br>")}</td></tr>`,
  );
  const html = [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>`,
    `<h1 style="font-size:1.1em">${escapeHtml(title)}</h1><table cellpadding="4">${rows.join("")}</table>`,
    `<p><a href="${escapeHtml(link)}">Look at it in Countersign</a></p>`,
    "<p>Opening the link changes nothing. Nothing can be answered by replying to this mail.</p></body></html>",
  ].join("");
  return { subject: title, text, html };
}
