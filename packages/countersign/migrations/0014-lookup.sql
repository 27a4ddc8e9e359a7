-- Finding actions by what somebody pasted. A term is HMAC-SHA-256 of a piece of text under a key of the plane's own, cut
-- to 12 bytes: the database alone does not say what stands in an action. Nothing here is part of the ledger; an indexer
-- fills it after the fact, and all of it can be filled anew.

-- One indexer at a time, and no erasure beside it: a lock row, not an advisory lock.
create table lookup_lock (one boolean primary key default true check (one));
insert into lookup_lock default values;

-- How far each writer's chain has been indexed. `is_done`: that writer is gone and all of its chain is in.
create table lookup_head (
  writer text primary key,
  seq bigint not null,
  is_done boolean not null default false
);

-- Actions fall into segments by their id, which sorts by time: what is inserted now touches the newest segment's part of
-- the index only. Without them each term would dirty another page of an index that grows for ever.
create table lookup_segment (
  number integer primary key,
  -- Ids of actions as the 128 bits that they are; a segment ends where the next begins.
  first uuid not null unique,
  last uuid not null,
  actions bigint not null default 0
);

create table lookup_term (
  segment integer not null,
  term bytea not null check (octet_length(term) = 12),
  action uuid not null,
  primary key (segment, term, action)
);

-- Ids sort by their bytes, also where the database sorts by a language: pages of actions are cut by comparing them.
alter table entry alter column subject type text collate "C";
alter table subject_key alter column subject type text collate "C";
