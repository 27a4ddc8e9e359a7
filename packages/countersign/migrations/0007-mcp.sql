-- Sessions of the MCP revisions that have them (2025-03-26 to 2025-11-25). Losing a row costs the client one
-- `initialize`; no action and no approval depends on it.
create table mcp_session (
  id text primary key check (length(id) between 16 and 64),
  -- A server's name, or empty for the address of all servers.
  endpoint text not null,
  agent text not null,
  workflow text not null,
  credential text not null,
  version text not null,
  -- json, not jsonb: what a client says of itself may hold escapes that jsonb refuses.
  capabilities json not null check (json_typeof(capabilities) = 'object' and octet_length(capabilities::text) <= 65536),
  client json not null check (json_typeof(client) = 'object' and octet_length(client::text) <= 65536),
  opened_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index mcp_session_expiry on mcp_session (expires_at);
