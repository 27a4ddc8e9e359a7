/** What a page was: its address after all redirects, its status and its text. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

interface Cookie {
  readonly value: string;
  readonly strict: boolean;
}

/** A browser without a screen: cookies by host, redirects, links and forms. `Strict` cookies stay away from other sites' links. */
export class PlainBrowser {
  readonly #cookies = new Map<string, Map<string, Cookie>>();
  /** Every address that was asked for. */
  readonly visited: string[] = [];
  /** Sent with every request. */
  readonly headers: Record<string, string> = {};
  /** Redirects to these addresses are not followed: what came stands in `page.headers`. */
  stopBefore: ((url: string) => boolean) | undefined;

  cookies(host: string): string {
    return [...(this.#cookies.get(host) ?? [])].map(([name, { value }]) => `${name}=${value}`).join("; ");
  }

  setCookie(host: string, name: string, value: string): void {
    this.#jar(host).set(name, { value, strict: false });
  }

  forget(host: string): void {
    this.#cookies.delete(host);
  }

  /** As if the address had been typed. */
  go(url: string): Promise<Page> {
    return this.#load("GET", url, undefined, undefined);
  }

  /** Follows a link of a page. */
  follow(page: Page, pattern: RegExp): Promise<Page> {
    const hrefs = [...page.text.matchAll(/<a[^>]*href="([^"]+)"/g)].map((match) => decoded(match[1] ?? ""));
    const found = hrefs.find((href) => pattern.test(href));
    if (found === undefined) throw new Error(`no link like ${pattern} on ${page.url}: ${page.text.slice(0, 2_000)}`);
    return this.#load("GET", new URL(found, page.url).href, undefined, page.url);
  }

  /** Sends the page's form with what it holds and these members. */
  submit(page: Page, members: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = /<form[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/.exec(page.text);
    if (form === null) throw new Error(`no form on ${page.url}: ${page.text.slice(0, 2_000)}`);
    const held = [...(form[2] ?? "").matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
      /name="([^"]*)"/.exec(input)?.[1] ?? "",
      decoded(/value="([^"]*)"/.exec(input)?.[1] ?? ""),
    ]);
    const body = new URLSearchParams({ ...Object.fromEntries(held), ...members });
    return this.#load("POST", new URL(decoded(form[1] ?? ""), page.url).href, body, page.url);
  }

  async #load(
    method: string,
    from: string,
    form: URLSearchParams | undefined,
    opener: string | undefined,
  ): Promise<Page> {
    let url = from;
    let body = form;
    let verb = method;
    const isForeign = opener !== undefined && new URL(opener).hostname !== new URL(from).hostname;
    let crossed = isForeign;
    for (let hops = 0; hops < 20; hops++) {
      this.visited.push(url);
      const { hostname, origin } = new URL(url);
      const response = await fetch(url, {
        method: verb,
        redirect: "manual",
        headers: {
          accept: "text/html",
          ...this.headers,
          cookie: this.#sent(hostname, crossed),
          ...(body === undefined ? {} : { origin, "content-type": "application/x-www-form-urlencoded" }),
        },
        ...(body === undefined ? {} : { body: body.toString() }),
      });
      for (const set of response.headers.getSetCookie()) this.#keep(hostname, set);
      const location = response.headers.get("location");
      const text = await response.text();
      const next = location === null ? undefined : new URL(location, url).href;
      if (next === undefined || response.status < 300 || response.status >= 400 || this.stopBefore?.(next) === true)
        return { url, status: response.status, text, headers: response.headers };
      crossed ||= new URL(next).hostname !== hostname;
      url = next;
      verb = "GET";
      body = undefined;
    }
    throw new Error("redirected in a circle");
  }

  #sent(host: string, crossed: boolean): string {
    return [...(this.#cookies.get(host) ?? [])]
      .filter(([, { strict }]) => !(strict && crossed))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
  }

  #keep(host: string, set: string): void {
    const [pair = "", ...attributes] = set.split(";").map((part) => part.trim());
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    const isGone = attributes.some((one) => /^max-age=0$|^expires=thu, 01 jan 1970/i.test(one));
    if (isGone) this.#jar(host).delete(name);
    else
      this.#jar(host).set(name, {
        value: pair.slice(at + 1),
        strict: attributes.some((one) => /^samesite=strict$/i.test(one)),
      });
  }

  #jar(host: string): Map<string, Cookie> {
    const jar = this.#cookies.get(host) ?? new Map();
    this.#cookies.set(host, jar);
    return jar;
  }
}

function decoded(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
