import type { Page } from "playwright-core";

/** Steps of a chain whose mark lies over its words, or touches them. */
export function markedOverWords(page: Page): Promise<readonly string[]> {
  return page.locator("ol.chain > li").evaluateAll((all) =>
    all.flatMap((step) => {
      const mark = getComputedStyle(step, "::before");
      if (mark.content === "none") return [];
      const edges = mark.boxSizing === "border-box" ? [] : [mark.borderLeftWidth, mark.borderRightWidth];
      const end = [mark.left, mark.width, ...edges].reduce((sum, px) => sum + Number.parseFloat(px), 0);
      const words = document.createRange();
      words.selectNodeContents(step);
      const begin = Math.min(...[...words.getClientRects()].map(({ left }) => left));
      const from = begin - step.getBoundingClientRect().left - step.clientLeft;
      return from < end + 2
        ? [`${step.textContent?.slice(0, 60)}: the mark ends at ${end}, words begin at ${from}`]
        : [];
    }),
  );
}
