/** Who is not logged in: how to be. */
export function Door() {
  const next = `${location.pathname}${location.search}`;
  return (
    <main className="lone">
      <h1>Countersign</h1>
      <p>
        You are not logged in, or your session ended. Nothing that you did not send was changed: an answer that still
        waited in this page was not sent.
      </p>
      <p>
        <a className="button" href={`/login?next=${encodeURIComponent(next)}`}>
          Log in
        </a>
      </p>
      <p>
        A login link works once: the server prints one when it starts, and <code>countersign person invite</code>{" "}
        followed by your address and <code>--local</code> makes another on the server's own machine. An administrator
        can send you one.
      </p>
    </main>
  );
}
