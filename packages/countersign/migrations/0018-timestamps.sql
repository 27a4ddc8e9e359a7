-- What timestamp authorities (RFC 3161) said of checkpoints: the authority's whole answer over the checkpoint's note, as
-- `openssl ts -verify` reads it. Only ever added to.
create table checkpoint_timestamp (
  size bigint not null references checkpoint (size),
  authority text not null,
  -- The authority's own time, which its answer proves.
  at timestamptz not null,
  answer bytea not null,
  primary key (size, authority)
);
