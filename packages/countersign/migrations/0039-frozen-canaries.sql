-- Since when a stop freezes what was seeded: that time is given back to it as to what is held.
alter table canary add column frozen_at timestamptz;
create index canary_frozen on canary (frozen_at) where frozen_at is not null;
