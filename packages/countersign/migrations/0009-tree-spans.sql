-- Where entries stand in the tree, as spans: a round of the sequencer takes a stretch of each writer's chain, so one row
-- says where a thousand entries stand. Their hashes stand in the entries, and once a tile is full in the tile too.
create table tree_span (
  index bigint primary key,
  writer text not null,
  seq bigint not null,
  count integer not null check (count > 0),
  constraint tree_span_entry unique (writer, seq)
);

-- A writer's entries stand in the tree in their order, so index less number is the same exactly within one stretch.
insert into tree_span (index, writer, seq, count)
  select min(index), writer, min(seq), count(*) from leaf group by writer, index - seq;

drop table leaf;
