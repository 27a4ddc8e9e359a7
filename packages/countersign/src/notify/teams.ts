import { visible, visibleLine } from "../floor/visible.ts";
import { fit } from "./fit.ts";
import { factsOf, type NoticeBody, type NoticeType } from "./notice.ts";

/** Teams takes messages of up to 28 KB. */
const longestFact = 1_500;
const longestTitle = 300;

/** INVARIANT: a `TextRun` is never read as Markdown, as the text of a `TextBlock` would be. */
const run = (text: string, more: object = {}) => ({ type: "TextRun", text, ...more });
const line = (...inlines: readonly object[]) => ({ type: "RichTextBlock", inlines });

/** An Adaptive Card 1.5 whose one action opens the console: nothing is answered from the card. */
export function teamsCard(type: NoticeType, body: NoticeBody, link: string): object {
  const title = type === "test.page" ? `TEST: ${body.headline}` : body.headline;
  const people = body.people.length === 0 ? [] : [{ label: "For", value: body.people.slice(0, 20).join(", ") }];
  const rows = [...factsOf(body), ...people].map(({ label, value }) =>
    line(run(`${label}: `, { weight: "Bolder" }), run(fit(visible(value), longestFact))),
  );
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.5",
    fallbackText: fit(visibleLine(title), longestTitle),
    body: [line(run(fit(visibleLine(title), longestTitle), { size: "Medium", weight: "Bolder" })), ...rows],
    actions: [{ type: "Action.OpenUrl", title: "Open in Countersign", url: link }],
  };
}

/** As a Teams workflow's webhook takes it. */
export function teamsMessage(card: object): object {
  return {
    type: "message",
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: card }],
  };
}
