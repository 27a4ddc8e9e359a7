-- One row for an action with all of its terms, where there was a row for each term: an index of inverted lists takes many
-- of them in at once. A term's key is 64 bits: its segment in the high ones, so that what is inserted now touches the
-- newest segment's part of the index only, and 40 bits of the keyed digest below. What was indexed is indexed anew.
drop table lookup_term;
delete from lookup_head;
delete from lookup_segment;
alter table lookup_segment add check (number between 1 and 8388607);

create table lookup_action (
  action uuid primary key,
  terms bigint[] not null
);
-- What is inserted waits in a list of this many kilobytes before it is merged: short, so that no merge takes long.
create index lookup_action_terms on lookup_action using gin (terms) with (fastupdate = on, gin_pending_list_limit = 128);
-- Which terms come often is nobody's business, and nothing is planned by it.
alter table lookup_action alter column terms set statistics 0;
