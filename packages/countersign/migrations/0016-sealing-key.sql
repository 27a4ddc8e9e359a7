-- Which sealing keys have come into force, and whether the one before is out of use. The keys themselves lie in the data
-- folder; an id is eight digits that tell nothing.
create table sealing_key (
  id text primary key,
  -- The deed that put it in force, and the one by which what an older key had sealed was sealed anew.
  introduced_by text not null,
  finished_by text,
  at timestamptz not null default clock_timestamp()
);

-- The sealing key that this writer's process seals with: a process with an older one could not open what is sealed anew.
alter table writer add column sealing_key text;
