/** How clients reach the server: a socket in a closed folder, or TCP on loopback (Windows, and tests of a server). */
export type Listening =
  | { readonly kind: "socket"; readonly folder: string }
  | { readonly kind: "tcp"; readonly port: number };

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The whole `postgresql.conf`, written anew at each start; own settings go to `custom.conf` beside it. */
export function postgresqlConf(listening: Listening, maxConnections: number): string {
  const settings: Record<string, string> = {
    listen_addresses: listening.kind === "tcp" ? quote("127.0.0.1") : quote(""),
    port: String(listening.kind === "tcp" ? listening.port : 5432),
    unix_socket_directories: listening.kind === "tcp" ? quote("") : quote(listening.folder),
    unix_socket_permissions: "0700",
    max_connections: String(maxConnections),
    shared_buffers: "128MB",
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    max_wal_size: "512MB",
    password_encryption: quote("scram-sha-256"),
    timezone: quote("UTC"),
    log_timezone: quote("UTC"),
    log_line_prefix: quote("%m [%p] "),
    // The log must not hold values: no messages of failed statements (they quote them, and their caller has them), no
    // statement texts, no parameters, no DETAIL lines. LOG, FATAL and PANIC stay.
    log_min_messages: "log",
    log_min_error_statement: "panic",
    log_parameter_max_length_on_error: "0",
    log_error_verbosity: "terse",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `# Written by countersign at each start. Own settings: custom.conf in this folder.\n${lines.join("\n")}\ninclude_if_exists 'custom.conf'\n`;
}

export const hbaConf = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n";
