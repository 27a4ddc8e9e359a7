-- What a run's family has read. A family is a run that a person opened and the runs under it; `root` is that run's id.
-- Marks are only ever added: a run that has read what others wrote stays tainted.
alter table run add column root text;
alter table run add column parameters json check (json_typeof(parameters) = 'object');
update run set root = id where trusted and parent is null;
create index run_root on run (root) where root is not null;

create table run_mark (
  root text not null,
  kind text not null check (kind in ('taint', 'read')),
  label text not null,
  tool text not null,
  action text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (root, kind, label, tool)
);
