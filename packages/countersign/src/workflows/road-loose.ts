/** Said within the sentence that asserts it. */
export const loose = " (written there, not enforced yet)";
export const mayBeLoose = "(?: \\(written there, not enforced yet\\))?";
