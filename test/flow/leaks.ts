/**
 * The hijacked sessions that information-flow control does not stop today, each with what it cannot tell apart. A
 * session that leaks and does not stand here is a regression; one that stands here and is stopped comes off the list.
 */
export const knownLeaks: { readonly [session: string]: string } = {};
