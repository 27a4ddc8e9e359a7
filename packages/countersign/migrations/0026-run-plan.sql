-- The steps that a run means to take: `[{"tool": …, "target": …}]`. What is not among them is marked.
alter table run add column plan json check (json_typeof(plan) = 'array');
