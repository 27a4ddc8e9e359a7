-- Who vouched for a login at an identity provider, and where that login is ended there.
alter table person_session add column provider text;
alter table person_session add column logout_url text;

-- A login that was begun at an identity provider, until the browser comes back: once, and to the browser that began it.
create table provider_login (
  id text primary key,
  state_hash bytea not null unique check (octet_length(state_hash) = 32),
  browser_hash bytea not null check (octet_length(browser_hash) = 32),
  issuer text not null,
  -- Where the person was going.
  next text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index provider_login_expires on provider_login (expires_at);

-- What the provider said of a person at their last login. Rules of the workspace in force say what of it counts.
create table provider_person (
  email text primary key,
  issuer text not null,
  subject text not null,
  name text not null,
  groups jsonb not null,
  at timestamptz not null,
  unique (issuer, subject)
);

create table passkey (
  id text primary key,
  -- The authenticator's own id of it, base64url.
  credential text not null unique,
  person text not null,
  name text not null,
  -- As the authenticator gave it (COSE), and the same as a JWK.
  public_key bytea not null,
  jwk jsonb not null,
  counter bigint not null,
  transports jsonb not null,
  backed_up boolean not null,
  -- Whose hands the login was in that registered it.
  vouched_by jsonb not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  removed_at timestamptz
);
create index passkey_person on passkey (person) where removed_at is null;

-- The challenge of a passkey that is being registered, for one session.
create table passkey_challenge (
  session text primary key,
  challenge text not null,
  expires_at timestamptz not null
);

-- The passkey that signed an answer; the whole signature stands in the ledger.
alter table answer add column passkey text;
-- Of one showing: a passkey signs it, and an answer uses it up.
alter table approval_shown add column nonce text;

-- Who answers for each workflow in force: exactly one person, and others only beside them.
create table workflow_dri (
  workflow text primary key,
  dri text not null check (dri <> ''),
  deputy text check (deputy <> dri)
);
create table workflow_cover (
  workflow text not null references workflow_dri on delete cascade,
  person text not null,
  starts_on date not null,
  ends_on date not null check (ends_on >= starts_on),
  primary key (workflow, person, starts_on)
);
