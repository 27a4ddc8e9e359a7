-- The log over the ledger: one tree over every writer's chain, its tiles, its signed checkpoints. `leaf`, `tile` and
-- `checkpoint` are only ever added to; what is half grown (partial tiles) is read off them and never stored.

-- Who may do a thing that only one may do. `fence` rises with every new holder.
create table lease (
  name text primary key,
  holder text not null,
  fence bigint not null,
  expires_at timestamptz not null
);

create table leaf (
  index bigint primary key,
  writer text not null,
  seq bigint not null,
  hash bytea not null,
  -- An entry stands in the tree once.
  constraint leaf_entry unique (writer, seq)
);

-- Full tiles only, 256 hashes each; `root` is the hash that stands for this tile one level up.
create table tile (
  level integer not null,
  index bigint not null,
  hashes bytea not null,
  root bytea not null,
  primary key (level, index)
);
alter table tile alter column hashes set storage external;

-- One tree of each size, ever: a second one is a fork and fails here.
create table checkpoint (
  size bigint primary key,
  at timestamptz not null default clock_timestamp(),
  note text not null
);

-- Writers that can never write again and whose whole chain is in the tree, in the order in which they were folded.
create table checkpoint_closed (
  position integer primary key,
  writer text not null unique,
  seq bigint not null,
  hash bytea not null
);

-- Public keys of the log. A key that is not yet in force names the entry that introduces it.
create table log_key (
  vkey text primary key,
  at timestamptz not null default clock_timestamp(),
  introduced_by text,
  from_size bigint,
  until_size bigint,
  -- The receipt by which a holder of the old key learns this one.
  receipt text
);
create unique index log_key_current on log_key ((true)) where from_size is not null and until_size is null;
create unique index log_key_next on log_key ((true)) where from_size is null;
