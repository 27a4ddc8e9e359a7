-- What a person let the plane have of an upstream: for a workflow, or for themselves. The tokens are a sealed secret,
-- `connection/<id>`; here is whose it is, since when and until when.
create table connection (
  id text primary key,
  server text not null,
  workflow text,
  person text,
  issuer text not null,
  client_id text not null,
  -- The address that the tokens are for: they are sent nowhere else.
  resource text not null,
  scope text not null default '',
  connected_by text not null,
  connected_at timestamptz not null default clock_timestamp(),
  -- When the access token ends; null where its server does not say.
  token_until timestamptz,
  renewable boolean not null,
  renewed_at timestamptz,
  -- Rises with each renewal. A refresh token is used once: of two replicas that would use the same one, one is told that
  -- it is late.
  version bigint not null default 1,
  renewing_until timestamptz,
  lapsed_at timestamptz,
  lapsed_because text,
  check ((workflow is null) <> (person is null)),
  check ((lapsed_at is null) = (lapsed_because is null))
);
create unique index connection_holder on connection (server, coalesce(workflow, ''), coalesce(person, ''));

-- A connection that is being made, from the command until the browser comes back: once, within ten minutes.
create table consent (
  id text primary key,
  -- SHA-256 of the state that travels through the browser.
  state_hash bytea not null unique check (octet_length(state_hash) = 32),
  -- The PKCE verifier and the address with the state, sealed; gone once it has ended.
  sealed bytea,
  server text not null,
  workflow text,
  issuer text not null,
  client_id text not null,
  resource text not null,
  scope text not null,
  redirect_uri text not null,
  person text not null,
  -- The session or command line's credential with which it was begun.
  credential text not null,
  -- SHA-256 of the cookie of the one browser that may come back, and of the code that it shows where nobody is logged in.
  browser_hash bytea check (octet_length(browser_hash) = 32),
  code_hash bytea check (octet_length(code_hash) = 32),
  confirmed boolean not null default false,
  tries smallint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  -- The browser came back with this state.
  used_at timestamptz,
  ended_at timestamptz,
  outcome text check (outcome in ('connected', 'denied', 'failed')),
  because text,
  connection text,
  check ((ended_at is null) = (outcome is null)),
  check (ended_at is null or sealed is null)
);
create index consent_person on consent (person) where ended_at is null;
create index consent_expires on consent (expires_at);
