import { describe, expect, it } from "vitest";
import { didYouMean } from "./did-you-mean.ts";

describe("what was probably meant", () => {
  it("is the nearest name, up to three letters away", () => {
    expect(didYouMean("helpdesc.reply", ["helpdesk.send", "helpdesk.reply"])).toBe("did you mean `helpdesk.reply`?");
    expect(didYouMean("abc", ["abcxyz"])).toBe("did you mean `abcxyz`?");
    expect(didYouMean("xyzabc", ["abc"])).toBe("did you mean `abc`?");
    expect(didYouMean("abcdef", ["xyzdef"])).toBe("did you mean `xyzdef`?");
    expect(didYouMean("abc", ["abc", "abd"])).toBe("did you mean `abc`?");
    expect(didYouMean("ab", ["ba", "ax"])).toBe("did you mean `ax`?");
    expect(didYouMean("kitten", ["sitting", "mittens"])).toBe("did you mean `mittens`?");
  });

  it("is nothing where no name is near, or none is known", () => {
    expect(didYouMean("abc", ["abcwxyz"])).toBeUndefined();
    expect(didYouMean("abcd", ["wxyz"])).toBeUndefined();
    expect(didYouMean("", ["wxyz"])).toBeUndefined();
    expect(didYouMean("", ["xyz"])).toBe("did you mean `xyz`?");
    expect(didYouMean("abc", [])).toBeUndefined();
  });
});
