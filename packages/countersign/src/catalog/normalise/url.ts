import { type Host, host } from "./host.ts";
import { inAll, type Normaliser, requireSmall, setOf, textsOf, Unclean } from "./shape.ts";

const defaultPorts: { readonly [scheme: string]: number } = {
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  ftp: 21,
  ssh: 22,
  git: 9418,
};
const longest = 4_096;
// RFC 3986, and less: what programs are known to read differently (`\`, `"`, `<`, blanks, other scripts) is not in it.
const form =
  /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:([A-Za-z0-9._~!$&'()*+,;=:%-]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?(\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(\?[\x21\x23-\x5b\x5d\x5f\x61-\x7e]*)?$/;

interface Address {
  readonly scheme: string;
  readonly user: boolean;
  readonly host: Host;
  readonly port: number;
  readonly segments: readonly string[];
  readonly query: boolean;
  /** Scheme, host and port, then one segment more each time. */
  readonly bases: readonly string[];
}

/** One address of the web, or a list of them, exactly as every client reads it. */
export const url: Normaliser = {
  takes: ["string", "array"],
  shape: {
    schemes: "texts",
    hosts: "texts",
    within: "texts",
    touches: "texts",
    ports: "longs",
    paths: "texts",
    segments: "texts",
    bases: "texts",
    user: "boolean",
    literal: "boolean",
    internal: "boolean",
    query: "boolean",
    count: "long",
  },
  read(value) {
    const texts = textsOf(value);
    requireSmall(texts, "/");
    requireSmall(texts, ".");
    const all = texts.map(parse);
    const hosts = all.map((one) => one.host);
    return {
      schemes: setOf(all.map((one) => one.scheme)),
      hosts: setOf(hosts.map((one) => one.name)),
      within: inAll(hosts.map((one) => one.within)),
      touches: setOf(hosts.flatMap((one) => one.within)),
      ports: setOf(all.map((one) => one.port)),
      paths: setOf(all.map((one) => `/${one.segments.join("/")}`)),
      segments: setOf(all.flatMap((one) => one.segments)),
      bases: inAll(all.map((one) => one.bases)),
      user: all.some((one) => one.user),
      literal: hosts.some((one) => one.literal),
      internal: hosts.some((one) => one.internal),
      query: all.some((one) => one.query),
      count: all.length,
    };
  },
};

function parse(text: string): Address {
  const match = text.length > longest ? null : form.exec(text);
  if (match === null) throw new Unclean("it is no plain address");
  const [, written = "", user, name = "", portText, path = "", query] = match;
  const scheme = written.toLowerCase();
  const usual = Object.hasOwn(defaultPorts, scheme) ? defaultPorts[scheme] : undefined;
  if (usual === undefined) throw new Unclean("its scheme is not one of http, https, ws, wss, ftp, ssh and git");
  const port = portText === undefined ? usual : Number(portText);
  if (port < 1 || port > 65_535) throw new Unclean("it has no port between 1 and 65535");
  const at = host(name);
  const segments = path
    .split("/")
    .slice(1)
    .filter((segment, index, all) => segment !== "" || index < all.length - 1)
    .map(plain);
  const origin = `${scheme}://${at.name}${port === usual ? "" : `:${port}`}`;
  const bases = [origin, ...segments.map((_, index) => `${origin}/${segments.slice(0, index + 1).join("/")}`)];
  return { scheme, user: user !== undefined, host: at, port, segments, query: query !== undefined, bases };
}

/** A segment, decoded once. What would decode again, or into something that ends a segment, is not plain. */
function plain(segment: string): string {
  if (segment === "" || segment.includes(";")) throw new Unclean("its path is read differently by different servers");
  if (/%(?![0-9A-Fa-f]{2})|%(?:[01][0-9A-Fa-f]|7[Ff]|2[5EeFf]|5[Cc]|3[Bb])/.test(segment))
    throw new Unclean("its path holds an escape that different servers read differently");
  const decoded = decode(segment);
  if (/^\.+$/.test(decoded)) throw new Unclean("its path climbs");
  if (decoded.normalize("NFC") !== decoded || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u.test(decoded))
    throw new Unclean("its path holds characters that cannot be seen");
  return decoded;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Unclean("its path is not UTF-8");
  }
}
