-- Secrets, each version under a key of its own (envelope encryption). Nothing here opens without the key file.
create table sealed_secret (
  tenant text not null,
  path text not null check (path ~ '^[a-z0-9]([a-z0-9._/-]{0,126}[a-z0-9])?$'),
  version integer not null check (version > 0),
  -- The version's data key, sealed by a key-encryption key whose id stands in its first bytes.
  dek_wrapped bytea,
  nonce bytea not null check (octet_length(nonce) = 12),
  ciphertext bytea,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  destroyed_at timestamptz,
  primary key (tenant, path, version),
  -- Destroyed means that the data key and the ciphertext are gone, and that the row still says so.
  check ((destroyed_at is null) = (dek_wrapped is not null)),
  check ((destroyed_at is null) = (ciphertext is not null))
);
