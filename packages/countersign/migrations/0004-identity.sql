-- Who may call: credentials of agents and people, never in clear. What is live is held in memory by every replica and
-- read again when this one row moves; locking it also puts changes of credentials in one order.
create table identity_revision (
  one boolean primary key default true check (one),
  revision bigint not null default 0
);
insert into identity_revision default values;

create table credential (
  id text primary key,
  kind text not null check (kind in ('agent_key', 'agent_jwk', 'person_token')),
  -- An agent's name or a person's e-mail address, as the workspace writes it.
  subject text not null,
  environment text,
  -- SHA-256 of the whole key text: 256 random bits need no slow hash.
  hash bytea check (octet_length(hash) = 32),
  jwk jsonb,
  thumbprint text,
  -- An agent holds at most two of a kind in an environment: the old one and the new one.
  slot smallint check (slot in (1, 2)),
  note text not null default '',
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  revoked_because text,
  check ((kind = 'person_token') = (environment is null)),
  check ((kind = 'agent_jwk') = (jwk is not null and thumbprint is not null)),
  check ((kind = 'agent_jwk') = (hash is null)),
  check (slot is null or kind <> 'person_token'),
  check (revoked_at is null or slot is null)
);
create unique index credential_slot on credential (subject, environment, kind, slot) where slot is not null;
-- A public key names one account: the same one under two names could not be told apart.
create unique index credential_thumbprint on credential (thumbprint) where slot is not null;
create unique index credential_hash on credential (hash) where hash is not null;
create index credential_live on credential (expires_at) where revoked_at is null;

-- From where and by which client a credential was used, one row for each stretch of use.
create table credential_sighting (
  credential text not null references credential (id),
  client text not null,
  address text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  uses bigint not null,
  primary key (credential, client, address, first_at)
);
create index credential_sighting_last on credential_sighting (last_at);

-- Client assertions and proofs that were accepted once, by SHA-256 of issuer and jti.
create table used_assertion (
  hash bytea primary key check (octet_length(hash) = 32),
  expires_at timestamptz not null
);
create index used_assertion_expires on used_assertion (expires_at);

-- Keys that sign the short tokens of agents. The private part is sealed by the server's own key.
create table token_key (
  id text primary key,
  public_jwk jsonb not null,
  sealed bytea not null,
  created_at timestamptz not null,
  -- It signs nothing from then on, and verifies until its last token has expired.
  retired_at timestamptz
);
create unique index token_key_signs on token_key ((true)) where retired_at is null;

create table login_link (
  id text primary key,
  hash bytea not null check (octet_length(hash) = 32),
  person text not null,
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index login_link_expires on login_link (expires_at);

create table person_session (
  id text primary key,
  hash bytea not null check (octet_length(hash) = 32),
  person text not null,
  method text not null check (method in ('link', 'oidc', 'passkey')),
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index person_session_person on person_session (person) where ended_at is null;
create index person_session_expires on person_session (expires_at);
