-- What calls take of the windows that policies count: written with the intent of the call, so that calls in flight count too.
create table window_use (
  -- The policy's id and what is counted by itself; a target only as a keyed digest.
  window_key text not null,
  action text not null,
  at timestamptz not null default clock_timestamp(),
  amount bigint not null,
  -- False while the call counts only once it is done.
  counted boolean not null,
  -- When no window looks at it any more; null where it is looked at for ever.
  expires_at timestamptz,
  primary key (window_key, action)
);
create index window_use_at on window_use (window_key, at);
create index window_use_action on window_use (action);
create index window_use_expires on window_use (expires_at) where expires_at is not null;
