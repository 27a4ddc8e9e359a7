-- The look at the step before, as a value asked for row by row: as a join it was planned while the table was small, and
-- went on reading all of it at every write until the statistics came.
create or replace function entry_continues() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from added a
    where (a.step = 0 and a.from_state is not null and a.from_state <> 'received')
       or (a.step > 0 and (select p.to_state is not distinct from a.from_state from entry p
             where p.subject = a.subject and p.step = a.step - 1) is not true)
  ) then
    raise exception 'illegal move' using errcode = 'integrity_constraint_violation', constraint = 'entry_continues';
  end if;
  return null;
end $$;
