-- tables and their columns

table alert (
  id text not null,
  kind text not null,
  subject text not null,
  sentence text not null,
  raised_at timestamp with time zone not null default clock_timestamp(),
  settled_at timestamp with time zone
);
table answer (
  action text not null,
  policy text not null,
  policy_digest text not null,
  call_digest text not null,
  person text not null,
  groups jsonb not null,
  verdict text not null,
  reason text not null,
  method text not null,
  shown_digest text not null,
  dwell_ms bigint,
  at timestamp with time zone not null,
  consumed_at timestamp with time zone,
  revoked_at timestamp with time zone,
  vouched_by jsonb not null default '[]'::jsonb,
  passkey text,
  asked_at timestamp with time zone,
  shown_ms bigint,
  size bigint,
  risk text,
  skimmed boolean not null default false,
  glass_until timestamp with time zone,
  breaks_glass boolean not null generated always as ((glass_until IS NOT NULL)) stored
);
table approval_grant (
  id text not null,
  approval text not null,
  person text not null,
  vouched_by jsonb not null,
  groups jsonb not null,
  capacity text not null,
  workflow text not null,
  tool text not null,
  agent text not null,
  policies jsonb not null,
  given_at timestamp with time zone not null default clock_timestamp(),
  until timestamp with time zone not null,
  uses integer not null,
  used integer not null default 0,
  ended text,
  ended_at timestamp with time zone,
  ended_by text,
  ended_because text
);
table approval_shown (
  action text not null,
  person text not null,
  digest text not null,
  first_at timestamp with time zone not null default clock_timestamp(),
  last_at timestamp with time zone not null default clock_timestamp(),
  nonce text,
  opened boolean not null default true
);
table asked_approval (
  action text not null,
  workflow text not null,
  asked_from text[] not null,
  asked_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone
);
table asked_target (
  digest text not null,
  action text not null,
  asked_at timestamp with time zone not null default clock_timestamp()
);
table broken_glass (
  id text not null,
  action text not null,
  person text not null,
  vouched_by jsonb not null,
  capacity text not null,
  workflow text not null,
  agent text not null,
  tool text not null,
  missing jsonb not null,
  broken_at timestamp with time zone not null default clock_timestamp(),
  until timestamp with time zone not null,
  due_at timestamp with time zone not null,
  reviewed_at timestamp with time zone,
  reviewed_by text,
  review text
);
table budget_window (
  scope text not null,
  starts_at timestamp with time zone not null,
  taken bigint not null
);
table canary (
  id text not null,
  person text not null,
  origin text not null,
  shape text not null,
  agent text not null,
  workflow text not null,
  server text not null,
  tool text not null,
  target text not null,
  environment text not null,
  risk_rank smallint not null,
  opened_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  wrapped bytea not null,
  sealed bytea not null,
  verdict text,
  reason text,
  dwell_ms bigint,
  size bigint not null,
  answered_at timestamp with time zone,
  frozen_at timestamp with time zone
);
table checkpoint (
  size bigint not null,
  at timestamp with time zone not null default clock_timestamp(),
  note text not null
);
table checkpoint_closed (
  "position" integer not null,
  writer text not null,
  seq bigint not null,
  hash bytea not null
);
table checkpoint_timestamp (
  size bigint not null,
  authority text not null,
  at timestamp with time zone not null,
  answer bytea not null
);
table claim (
  name text not null,
  subject text not null,
  value text not null,
  at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone
);
table connection (
  id text not null,
  server text not null,
  workflow text,
  person text,
  issuer text not null,
  client_id text not null,
  resource text not null,
  scope text not null default ''::text,
  connected_by text not null,
  connected_at timestamp with time zone not null default clock_timestamp(),
  token_until timestamp with time zone,
  renewable boolean not null,
  renewed_at timestamp with time zone,
  version bigint not null default 1,
  renewing_until timestamp with time zone,
  lapsed_at timestamp with time zone,
  lapsed_because text
);
table consent (
  id text not null,
  state_hash bytea not null,
  sealed bytea,
  server text not null,
  workflow text,
  issuer text not null,
  client_id text not null,
  resource text not null,
  scope text not null,
  redirect_uri text not null,
  person text not null,
  credential text not null,
  browser_hash bytea,
  code_hash bytea,
  confirmed boolean not null default false,
  tries smallint not null default 0,
  created_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  ended_at timestamp with time zone,
  outcome text,
  because text,
  connection text
);
table credential (
  id text not null,
  kind text not null,
  subject text not null,
  environment text,
  hash bytea,
  jwk jsonb,
  thumbprint text,
  slot smallint,
  note text not null default ''::text,
  created_at timestamp with time zone not null,
  created_by text not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text,
  revoked_because text,
  on_behalf_of text,
  vouched_by jsonb not null default '[]'::jsonb,
  parent text,
  issuer text,
  rule text
);
table credential_sighting (
  credential text not null,
  client text not null,
  address text not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  uses bigint not null
);
table entry (
  writer text not null,
  seq bigint not null,
  subject text collate "C" not null,
  step integer not null,
  kind text not null,
  from_state text,
  to_state text,
  agent text,
  workflow text,
  person text,
  tool text,
  run text,
  at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  leaf bytea not null,
  hash bytea not null,
  sealed bytea storage external not null
);
table erasure (
  subject text collate "C" not null,
  deed text collate "C" not null,
  at timestamp with time zone not null default clock_timestamp(),
  finished_at timestamp with time zone
);
table erasure_lock (
  one boolean not null default true
);
table erasure_proposal (
  id text not null,
  proposed_by text not null,
  vouched_by jsonb not null default '[]'::jsonb,
  subjects jsonb not null,
  reason text not null,
  proposed_at timestamp with time zone not null default clock_timestamp()
);
table identity_revision (
  one boolean not null default true,
  revision bigint not null default 0
);
table lease (
  name text not null,
  holder text not null,
  fence bigint not null,
  expires_at timestamp with time zone not null
);
table log_key (
  vkey text not null,
  at timestamp with time zone not null default clock_timestamp(),
  introduced_by text,
  from_size bigint,
  until_size bigint,
  receipt text
);
table login_link (
  id text not null,
  hash bytea not null,
  person text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  vouched_by jsonb not null default '[]'::jsonb,
  parent text,
  not_after timestamp with time zone
);
table lookup_action (
  action uuid not null,
  terms bigint[] not null
);
table lookup_head (
  writer text not null,
  seq bigint not null,
  is_done boolean not null default false
);
table lookup_lock (
  one boolean not null default true
);
table lookup_segment (
  number integer not null,
  first uuid not null,
  last uuid not null,
  actions bigint not null default 0
);
table mcp_session (
  id text not null,
  endpoint text not null,
  agent text not null,
  workflow text not null,
  credential text not null,
  version text not null,
  capabilities json not null,
  client json not null,
  opened_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  on_behalf_of text not null default ''::text
);
table migration (
  name text collate "C" not null,
  digest text not null,
  applied_at timestamp with time zone not null default clock_timestamp()
);
table migration_lock (
  only_row boolean not null default true
);
table notice (
  id text collate "C" not null,
  event text not null,
  type text not null,
  subject text not null,
  workflow text,
  channel text not null,
  person text,
  body jsonb,
  made_at timestamp with time zone not null default clock_timestamp(),
  state text not null default 'waiting'::text,
  tries integer not null default 0,
  due_at timestamp with time zone not null default clock_timestamp(),
  sender text,
  lease_until timestamp with time zone,
  fault text,
  ended_at timestamp with time zone
);
table notice_head (
  writer text not null,
  seq bigint not null,
  is_done boolean not null default false
);
table notice_lock (
  one boolean not null default true
);
table notice_open (
  action text collate "C" not null,
  workflow text not null,
  answered jsonb not null default '[]'::jsonb,
  told jsonb not null default '[]'::jsonb,
  look_at timestamp with time zone
);
table notice_told (
  event text not null,
  at timestamp with time zone not null default clock_timestamp()
);
table open_action (
  id text not null,
  state text not null,
  step integer not null,
  agent text not null,
  workflow text not null,
  run text not null,
  server text not null,
  tool text not null,
  system text not null default ''::text,
  verb text not null,
  target text not null,
  environment text not null,
  call_digest text not null,
  requirements jsonb not null default '[]'::jsonb,
  sentence text not null default ''::text,
  opened_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone,
  look_at timestamp with time zone,
  frozen_by text,
  fence bigint not null default 0,
  claimed_by text,
  lease_until timestamp with time zone,
  on_behalf_of text,
  vouched_by jsonb,
  asked_from text[] not null default '{}'::text[],
  risk jsonb,
  risk_rank smallint not null default 2,
  stand_ins jsonb not null default '[]'::jsonb,
  frozen_at timestamp with time zone,
  undoes jsonb
);
table passkey (
  id text not null,
  credential text not null,
  person text not null,
  name text not null,
  public_key bytea not null,
  jwk jsonb not null,
  counter bigint not null,
  transports jsonb not null,
  backed_up boolean not null,
  vouched_by jsonb not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  removed_at timestamp with time zone
);
table passkey_challenge (
  session text not null,
  challenge text not null,
  expires_at timestamp with time zone not null
);
table person_session (
  id text not null,
  hash bytea not null,
  person text not null,
  method text not null,
  created_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  vouched_by jsonb not null default '[]'::jsonb,
  parent text,
  provider text,
  logout_url text
);
table plane (
  one boolean not null default true,
  revision bigint not null default 0
);
table policy_text (
  digest text not null,
  id text not null,
  effect text not null,
  title text,
  text text not null,
  file text not null,
  first_seen timestamp with time zone not null default clock_timestamp()
);
table preservation (
  id text collate "C" not null,
  scope text not null,
  name text collate "C" not null,
  reason text not null,
  taken_by text not null,
  vouched_by jsonb not null default '[]'::jsonb,
  taken_at timestamp with time zone not null default clock_timestamp(),
  until timestamp with time zone,
  ended_by text,
  ended_at timestamp with time zone
);
table provider_login (
  id text not null,
  state_hash bytea not null,
  browser_hash bytea not null,
  issuer text not null,
  next text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone not null
);
table provider_person (
  email text not null,
  issuer text not null,
  subject text not null,
  name text not null,
  groups jsonb not null,
  at timestamp with time zone not null
);
table retention (
  workflow text not null,
  kind text not null,
  up_to text collate "C" not null
);
table run (
  id text not null,
  agent text not null,
  workflow text not null,
  opened_by text not null,
  trusted boolean not null,
  task text,
  parent text,
  opened_at timestamp with time zone not null default clock_timestamp(),
  closed_at timestamp with time zone,
  plan json,
  root text,
  parameters json
);
table run_mark (
  root text not null,
  kind text not null,
  label text not null,
  tool text not null,
  action text not null,
  at timestamp with time zone not null default clock_timestamp()
);
table run_reversal (
  id text not null,
  run text not null,
  runs text[] not null,
  children boolean not null default false,
  asked_by text not null,
  vouched_by jsonb not null default '[]'::jsonb,
  credential text not null,
  deed text not null,
  asked_at timestamp with time zone not null default clock_timestamp(),
  up_to text collate "C" not null,
  seen_to text collate "C" not null,
  state text not null default 'going'::text,
  because text,
  told text,
  about text,
  ended_at timestamp with time zone,
  look_at timestamp with time zone not null default clock_timestamp(),
  fence bigint not null default 0,
  claimed_by text,
  lease_until timestamp with time zone,
  given_up_by text,
  giving_up boolean not null default false
);
table run_reversal_step (
  reversal text not null,
  deed text collate "C" not null,
  run text not null,
  sent_at timestamp with time zone,
  state text not null,
  undo text,
  why text,
  undo_alone boolean not null default false
);
table run_reversing (
  run text not null,
  reversal text not null
);
table sealed_secret (
  tenant text not null,
  path text not null,
  version integer not null,
  dek_wrapped bytea,
  nonce bytea not null,
  ciphertext bytea,
  created_at timestamp with time zone not null default clock_timestamp(),
  created_by text not null,
  destroyed_at timestamp with time zone
);
table sealing_key (
  id text not null,
  introduced_by text not null,
  finished_by text,
  at timestamp with time zone not null default clock_timestamp()
);
table stop (
  id text not null,
  scope text not null,
  name text not null,
  reason text not null,
  taken_by text not null,
  taken_at timestamp with time zone not null default clock_timestamp(),
  until timestamp with time zone,
  voids boolean not null default false,
  lifted_by jsonb not null default '[]'::jsonb,
  lifted_at timestamp with time zone,
  vouched_by jsonb not null default '[]'::jsonb,
  deed text
);
table subject_key (
  subject text collate "C" not null,
  wrapped bytea not null
);
table tier_waiver (
  id text not null,
  agent text not null,
  workflow text not null,
  tier integer not null,
  reason text not null,
  signed_by jsonb not null,
  single boolean not null default false,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  revoked_at timestamp with time zone
);
table tile (
  level integer not null,
  index bigint not null,
  hashes bytea storage external not null,
  root bytea not null
);
table token_key (
  id text not null,
  public_jwk jsonb not null,
  sealed bytea not null,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone
);
table tool_lock (
  server text not null
);
table tool_pin (
  server text not null,
  tool text not null,
  digest text not null,
  definition json not null,
  status text not null,
  reviewed_by text,
  reviewed_at timestamp with time zone,
  seen_at timestamp with time zone not null
);
table tool_proof (
  rules text not null,
  tool text not null,
  shape text not null,
  why text,
  at timestamp with time zone not null default clock_timestamp()
);
table tree_span (
  index bigint not null,
  writer text not null,
  seq bigint not null,
  count integer not null
);
table used_assertion (
  hash bytea not null,
  expires_at timestamp with time zone not null
);
table waiver_proposal (
  id text not null,
  proposed_by text not null,
  request jsonb not null,
  proposed_at timestamp with time zone not null default clock_timestamp(),
  vouched_by jsonb not null default '[]'::jsonb
);
table window_use (
  window_key text not null,
  action text not null,
  at timestamp with time zone not null default clock_timestamp(),
  amount bigint not null,
  counted boolean not null,
  expires_at timestamp with time zone
);
table workflow_cover (
  workflow text not null,
  person text not null,
  starts_on date not null,
  ends_on date not null
);
table workflow_dri (
  workflow text not null,
  dri text not null,
  deputy text
);
table workspace_proposal (
  id text not null,
  digest text not null,
  before text not null,
  files jsonb not null,
  plan jsonb not null,
  proposed_by text not null,
  vouched_by jsonb not null,
  proposed_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone not null,
  ended text
);
table workspace_version (
  revision bigint not null,
  digest text not null,
  files jsonb not null,
  applied_by text not null,
  applied_at timestamp with time zone not null default clock_timestamp(),
  signed_by text,
  entry text,
  single boolean not null default false
);
table writer (
  id text not null,
  started_at timestamp with time zone not null default clock_timestamp(),
  host text not null,
  fenced_at timestamp with time zone,
  sealing_key text
);
table writer_lease (
  writer text not null,
  expires_at timestamp with time zone not null,
  settled_seq bigint not null default 0
);

-- constraints

alert: constraint alert_pkey PRIMARY KEY (id);
answer: constraint answer_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'deny'::text])));
answer: constraint answer_pkey PRIMARY KEY (action, policy, person, call_digest, breaks_glass);
approval_grant: constraint approval_grant_check CHECK ((until <= (given_at + '08:01:00'::interval)));
approval_grant: constraint approval_grant_check1 CHECK (((used >= 0) AND (used <= uses)));
approval_grant: constraint approval_grant_ended_check CHECK ((ended = ANY (ARRAY['revoked'::text, 'void'::text])));
approval_grant: constraint approval_grant_uses_check CHECK (((uses >= 1) AND (uses <= 100)));
approval_grant: constraint approval_grant_pkey PRIMARY KEY (id);
approval_shown: constraint approval_shown_pkey PRIMARY KEY (action, person);
asked_approval: constraint asked_approval_pkey PRIMARY KEY (action);
asked_target: constraint asked_target_pkey PRIMARY KEY (digest);
broken_glass: constraint broken_glass_check CHECK ((until <= (broken_at + '04:01:00'::interval)));
broken_glass: constraint broken_glass_check1 CHECK ((due_at <= (broken_at + '7 days 00:01:00'::interval)));
broken_glass: constraint broken_glass_check2 CHECK ((reviewed_by <> person));
broken_glass: constraint broken_glass_check3 CHECK ((((reviewed_at IS NULL) = (reviewed_by IS NULL)) AND ((reviewed_at IS NULL) = (review IS NULL))));
broken_glass: constraint broken_glass_pkey PRIMARY KEY (id);
budget_window: constraint budget_window_pkey PRIMARY KEY (scope, starts_at);
canary: constraint canary_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'deny'::text])));
canary: constraint canary_pkey PRIMARY KEY (id);
checkpoint: constraint checkpoint_pkey PRIMARY KEY (size);
checkpoint_closed: constraint checkpoint_closed_pkey PRIMARY KEY ("position");
checkpoint_closed: constraint checkpoint_closed_writer_key UNIQUE (writer);
checkpoint_timestamp: constraint checkpoint_timestamp_size_fkey FOREIGN KEY (size) REFERENCES checkpoint(size);
checkpoint_timestamp: constraint checkpoint_timestamp_pkey PRIMARY KEY (size, authority);
claim: constraint claim_pkey PRIMARY KEY (name);
connection: constraint connection_check CHECK (((workflow IS NULL) <> (person IS NULL)));
connection: constraint connection_check1 CHECK (((lapsed_at IS NULL) = (lapsed_because IS NULL)));
connection: constraint connection_pkey PRIMARY KEY (id);
consent: constraint consent_browser_hash_check CHECK ((octet_length(browser_hash) = 32));
consent: constraint consent_check CHECK (((ended_at IS NULL) = (outcome IS NULL)));
consent: constraint consent_check1 CHECK (((ended_at IS NULL) OR (sealed IS NULL)));
consent: constraint consent_code_hash_check CHECK ((octet_length(code_hash) = 32));
consent: constraint consent_outcome_check CHECK ((outcome = ANY (ARRAY['connected'::text, 'denied'::text, 'failed'::text])));
consent: constraint consent_state_hash_check CHECK ((octet_length(state_hash) = 32));
consent: constraint consent_pkey PRIMARY KEY (id);
consent: constraint consent_state_hash_key UNIQUE (state_hash);
credential: constraint credential_check CHECK (((kind = 'person_token'::text) = (environment IS NULL)));
credential: constraint credential_check1 CHECK (((kind = 'agent_jwk'::text) = ((jwk IS NOT NULL) AND (thumbprint IS NOT NULL))));
credential: constraint credential_check2 CHECK (((kind = ANY (ARRAY['agent_jwk'::text, 'agent_workload'::text])) = (hash IS NULL)));
credential: constraint credential_check3 CHECK (((slot IS NULL) OR (kind <> 'person_token'::text)));
credential: constraint credential_check4 CHECK (((revoked_at IS NULL) OR (slot IS NULL)));
credential: constraint credential_check5 CHECK (((on_behalf_of IS NULL) OR (kind <> 'person_token'::text)));
credential: constraint credential_hash_check CHECK ((octet_length(hash) = 32));
credential: constraint credential_issuer_check CHECK (((kind = 'agent_workload'::text) = (issuer IS NOT NULL)));
credential: constraint credential_kind_check CHECK ((kind = ANY (ARRAY['agent_key'::text, 'agent_jwk'::text, 'agent_workload'::text, 'person_token'::text])));
credential: constraint credential_rule_check CHECK (((rule IS NULL) OR (kind = 'agent_workload'::text)));
credential: constraint credential_slot_check CHECK ((slot = ANY (ARRAY[1, 2])));
credential: constraint credential_pkey PRIMARY KEY (id);
credential_sighting: constraint credential_sighting_credential_fkey FOREIGN KEY (credential) REFERENCES credential(id);
credential_sighting: constraint credential_sighting_pkey PRIMARY KEY (credential, client, address, first_at);
entry: constraint entry_move CHECK ((((from_state IS NULL) AND (to_state IS NULL)) OR (((from_state || '>'::text) || to_state) = ANY (ARRAY['received>held'::text, 'received>ready'::text, 'received>running'::text, 'received>refused'::text, 'received>failed'::text, 'held>held'::text, 'held>ready'::text, 'held>refused'::text, 'ready>held'::text, 'ready>running'::text, 'ready>refused'::text, 'ready>failed'::text, 'running>done'::text, 'running>failed'::text, 'running>unknown'::text, 'unknown>done'::text, 'unknown>failed'::text, 'unknown>unknown'::text, 'done>reversed'::text]))));
entry: constraint entry_states CHECK (((from_state IS NULL) = (to_state IS NULL)));
entry: constraint entry_pkey PRIMARY KEY (writer, seq);
entry: constraint entry_step UNIQUE (subject, step);
erasure: constraint erasure_pkey PRIMARY KEY (subject);
erasure_lock: constraint erasure_lock_one_check CHECK (one);
erasure_lock: constraint erasure_lock_pkey PRIMARY KEY (one);
erasure_proposal: constraint erasure_proposal_pkey PRIMARY KEY (id);
identity_revision: constraint identity_revision_one_check CHECK (one);
identity_revision: constraint identity_revision_pkey PRIMARY KEY (one);
lease: constraint lease_pkey PRIMARY KEY (name);
log_key: constraint log_key_pkey PRIMARY KEY (vkey);
login_link: constraint login_link_hash_check CHECK ((octet_length(hash) = 32));
login_link: constraint login_link_pkey PRIMARY KEY (id);
lookup_action: constraint lookup_action_pkey PRIMARY KEY (action);
lookup_head: constraint lookup_head_pkey PRIMARY KEY (writer);
lookup_lock: constraint lookup_lock_one_check CHECK (one);
lookup_lock: constraint lookup_lock_pkey PRIMARY KEY (one);
lookup_segment: constraint lookup_segment_number_check CHECK (((number >= 1) AND (number <= 8388607)));
lookup_segment: constraint lookup_segment_pkey PRIMARY KEY (number);
lookup_segment: constraint lookup_segment_first_key UNIQUE (first);
mcp_session: constraint mcp_session_capabilities_check CHECK (((json_typeof(capabilities) = 'object'::text) AND (octet_length((capabilities)::text) <= 65536)));
mcp_session: constraint mcp_session_client_check CHECK (((json_typeof(client) = 'object'::text) AND (octet_length((client)::text) <= 65536)));
mcp_session: constraint mcp_session_id_check CHECK (((length(id) >= 16) AND (length(id) <= 64)));
mcp_session: constraint mcp_session_pkey PRIMARY KEY (id);
migration: constraint migration_pkey PRIMARY KEY (name);
migration_lock: constraint migration_lock_only_row_check CHECK (only_row);
migration_lock: constraint migration_lock_pkey PRIMARY KEY (only_row);
notice: constraint notice_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'over'::text, 'dead'::text])));
notice: constraint notice_pkey PRIMARY KEY (id);
notice: constraint notice_event_channel_person_key UNIQUE NULLS NOT DISTINCT (event, channel, person);
notice_head: constraint notice_head_pkey PRIMARY KEY (writer);
notice_lock: constraint notice_lock_one_check CHECK (one);
notice_lock: constraint notice_lock_pkey PRIMARY KEY (one);
notice_open: constraint notice_open_pkey PRIMARY KEY (action);
notice_told: constraint notice_told_pkey PRIMARY KEY (event);
open_action: constraint open_action_state_check CHECK ((state = ANY (ARRAY['held'::text, 'ready'::text, 'running'::text, 'unknown'::text])));
open_action: constraint open_action_pkey PRIMARY KEY (id);
passkey: constraint passkey_pkey PRIMARY KEY (id);
passkey: constraint passkey_credential_key UNIQUE (credential);
passkey_challenge: constraint passkey_challenge_pkey PRIMARY KEY (session);
person_session: constraint person_session_hash_check CHECK ((octet_length(hash) = 32));
person_session: constraint person_session_method_check CHECK ((method = ANY (ARRAY['link'::text, 'oidc'::text, 'passkey'::text])));
person_session: constraint person_session_pkey PRIMARY KEY (id);
plane: constraint plane_one_check CHECK (one);
plane: constraint plane_pkey PRIMARY KEY (one);
policy_text: constraint policy_text_pkey PRIMARY KEY (digest);
preservation: constraint preservation_scope_check CHECK ((scope = ANY (ARRAY['action'::text, 'run'::text, 'workflow'::text, 'agent'::text])));
preservation: constraint preservation_pkey PRIMARY KEY (id);
provider_login: constraint provider_login_browser_hash_check CHECK ((octet_length(browser_hash) = 32));
provider_login: constraint provider_login_state_hash_check CHECK ((octet_length(state_hash) = 32));
provider_login: constraint provider_login_pkey PRIMARY KEY (id);
provider_login: constraint provider_login_state_hash_key UNIQUE (state_hash);
provider_person: constraint provider_person_pkey PRIMARY KEY (email);
provider_person: constraint provider_person_issuer_subject_key UNIQUE (issuer, subject);
retention: constraint retention_kind_check CHECK ((kind = ANY (ARRAY['act'::text, 'dec'::text])));
retention: constraint retention_pkey PRIMARY KEY (workflow, kind);
run: constraint run_parameters_check CHECK ((json_typeof(parameters) = 'object'::text));
run: constraint run_plan_check CHECK ((json_typeof(plan) = 'array'::text));
run: constraint run_pkey PRIMARY KEY (id);
run_mark: constraint run_mark_kind_check CHECK ((kind = ANY (ARRAY['taint'::text, 'read'::text])));
run_mark: constraint run_mark_pkey PRIMARY KEY (root, kind, label, tool);
run_reversal: constraint run_reversal_state_check CHECK ((state = ANY (ARRAY['going'::text, 'stopped'::text, 'ended'::text, 'given-up'::text])));
run_reversal: constraint run_reversal_pkey PRIMARY KEY (id);
run_reversal_step: constraint run_reversal_step_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'left'::text, 'nothing'::text])));
run_reversal_step: constraint run_reversal_step_reversal_fkey FOREIGN KEY (reversal) REFERENCES run_reversal(id);
run_reversal_step: constraint run_reversal_step_pkey PRIMARY KEY (reversal, deed);
run_reversing: constraint run_reversing_reversal_fkey FOREIGN KEY (reversal) REFERENCES run_reversal(id);
run_reversing: constraint run_reversing_pkey PRIMARY KEY (run);
sealed_secret: constraint sealed_secret_check CHECK (((destroyed_at IS NULL) = (dek_wrapped IS NOT NULL)));
sealed_secret: constraint sealed_secret_check1 CHECK (((destroyed_at IS NULL) = (ciphertext IS NOT NULL)));
sealed_secret: constraint sealed_secret_nonce_check CHECK ((octet_length(nonce) = 12));
sealed_secret: constraint sealed_secret_path_check CHECK ((path ~ '^[a-z0-9]([a-z0-9._/-]{0,126}[a-z0-9])?$'::text));
sealed_secret: constraint sealed_secret_version_check CHECK ((version > 0));
sealed_secret: constraint sealed_secret_pkey PRIMARY KEY (tenant, path, version);
sealing_key: constraint sealing_key_pkey PRIMARY KEY (id);
stop: constraint stop_scope_check CHECK ((scope = ANY (ARRAY['agent'::text, 'workflow'::text, 'tool'::text, 'system'::text, 'everything'::text])));
stop: constraint stop_pkey PRIMARY KEY (id);
subject_key: constraint subject_key_pkey PRIMARY KEY (subject);
tier_waiver: constraint tier_waiver_check CHECK ((ends_at <= (starts_at + '30 days'::interval)));
tier_waiver: constraint tier_waiver_tier_check CHECK (((tier >= 1) AND (tier <= 3)));
tier_waiver: constraint tier_waiver_pkey PRIMARY KEY (id);
tile: constraint tile_pkey PRIMARY KEY (level, index);
token_key: constraint token_key_pkey PRIMARY KEY (id);
tool_lock: constraint tool_lock_pkey PRIMARY KEY (server);
tool_pin: constraint tool_pin_check CHECK (((status <> ALL (ARRAY['pinned'::text, 'removed'::text, 'rejected'::text])) OR ((reviewed_by IS NOT NULL) AND (reviewed_at IS NOT NULL))));
tool_pin: constraint tool_pin_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text));
tool_pin: constraint tool_pin_status_check CHECK ((status = ANY (ARRAY['pinned'::text, 'changed'::text, 'new'::text, 'removed'::text, 'rejected'::text, 'superseded'::text])));
tool_pin: constraint tool_pin_pkey PRIMARY KEY (server, tool, digest);
tool_proof: constraint tool_proof_pkey PRIMARY KEY (rules, tool, shape);
tree_span: constraint tree_span_count_check CHECK ((count > 0));
tree_span: constraint tree_span_pkey PRIMARY KEY (index);
tree_span: constraint tree_span_entry UNIQUE (writer, seq);
used_assertion: constraint used_assertion_hash_check CHECK ((octet_length(hash) = 32));
used_assertion: constraint used_assertion_pkey PRIMARY KEY (hash);
waiver_proposal: constraint waiver_proposal_pkey PRIMARY KEY (id);
window_use: constraint window_use_pkey PRIMARY KEY (window_key, action);
workflow_cover: constraint workflow_cover_check CHECK ((ends_on >= starts_on));
workflow_cover: constraint workflow_cover_workflow_fkey FOREIGN KEY (workflow) REFERENCES workflow_dri(workflow) ON DELETE CASCADE;
workflow_cover: constraint workflow_cover_pkey PRIMARY KEY (workflow, person, starts_on);
workflow_dri: constraint workflow_dri_check CHECK ((deputy <> dri));
workflow_dri: constraint workflow_dri_dri_check CHECK ((dri <> ''::text));
workflow_dri: constraint workflow_dri_pkey PRIMARY KEY (workflow);
workspace_proposal: constraint workspace_proposal_ended_check CHECK ((ended = ANY (ARRAY['signed'::text, 'withdrawn'::text, 'void'::text])));
workspace_proposal: constraint workspace_proposal_pkey PRIMARY KEY (id);
workspace_version: constraint workspace_version_pkey PRIMARY KEY (revision);
writer: constraint writer_pkey PRIMARY KEY (id);
writer_lease: constraint writer_lease_writer_fkey FOREIGN KEY (writer) REFERENCES writer(id);
writer_lease: constraint writer_lease_pkey PRIMARY KEY (writer);

-- indexes

CREATE UNIQUE INDEX alert_open ON public.alert USING btree (kind, subject) WHERE (settled_at IS NULL);
CREATE INDEX answer_at ON public.answer USING btree (at);
CREATE INDEX answer_person ON public.answer USING btree (person, at);
CREATE INDEX approval_grant_open ON public.approval_grant USING btree (workflow, tool) WHERE (ended IS NULL);
CREATE INDEX asked_approval_at ON public.asked_approval USING btree (asked_at);
CREATE INDEX broken_glass_open ON public.broken_glass USING btree (due_at) WHERE (reviewed_at IS NULL);
CREATE INDEX broken_glass_reviewed ON public.broken_glass USING btree (reviewed_at) WHERE (reviewed_at IS NOT NULL);
CREATE INDEX canary_frozen ON public.canary USING btree (frozen_at) WHERE (frozen_at IS NOT NULL);
CREATE INDEX canary_person ON public.canary USING btree (person, opened_at);
CREATE INDEX claim_expires ON public.claim USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE UNIQUE INDEX connection_holder ON public.connection USING btree (server, COALESCE(workflow, ''::text), COALESCE(person, ''::text));
CREATE INDEX consent_expires ON public.consent USING btree (expires_at);
CREATE INDEX consent_person ON public.consent USING btree (person) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX credential_hash ON public.credential USING btree (hash) WHERE (hash IS NOT NULL);
CREATE INDEX credential_live ON public.credential USING btree (expires_at) WHERE (revoked_at IS NULL);
CREATE UNIQUE INDEX credential_rule ON public.credential USING btree (subject, rule) WHERE (rule IS NOT NULL);
CREATE INDEX credential_sighting_last ON public.credential_sighting USING btree (last_at);
CREATE UNIQUE INDEX credential_slot ON public.credential USING btree (subject, environment, kind, COALESCE(on_behalf_of, ''::text), slot) WHERE (slot IS NOT NULL);
CREATE UNIQUE INDEX credential_thumbprint ON public.credential USING btree (thumbprint) WHERE (slot IS NOT NULL);
CREATE INDEX entry_agent ON public.entry USING btree (agent, subject) WHERE (step = 0);
CREATE INDEX entry_kind ON public.entry USING btree (kind, at) WHERE (kind <> ALL (ARRAY['intent'::text, 'outcome'::text]));
CREATE INDEX entry_rare ON public.entry USING btree (to_state, subject) WHERE (to_state = ANY (ARRAY['held'::text, 'failed'::text, 'refused'::text, 'unknown'::text, 'reversed'::text]));
CREATE INDEX entry_run ON public.entry USING btree (run, subject) WHERE (step = 0);
CREATE INDEX entry_workflow ON public.entry USING btree (workflow, subject) WHERE (step = 0);
CREATE INDEX erasure_open ON public.erasure USING btree (subject) WHERE (finished_at IS NULL);
CREATE UNIQUE INDEX log_key_current ON public.log_key USING btree ((true)) WHERE ((from_size IS NOT NULL) AND (until_size IS NULL));
CREATE UNIQUE INDEX log_key_next ON public.log_key USING btree ((true)) WHERE (from_size IS NULL);
CREATE INDEX login_link_expires ON public.login_link USING btree (expires_at);
CREATE INDEX lookup_action_terms ON public.lookup_action USING gin (terms) WITH (fastupdate='on', gin_pending_list_limit='128');
CREATE INDEX mcp_session_expiry ON public.mcp_session USING btree (expires_at);
CREATE INDEX notice_due ON public.notice USING btree (channel, due_at) WHERE (state = 'waiting'::text);
CREATE INDEX notice_open_look ON public.notice_open USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX notice_state ON public.notice USING btree (state, id);
CREATE INDEX notice_subject ON public.notice USING btree (subject);
CREATE INDEX open_action_risk ON public.open_action USING btree (((- risk_rank)), COALESCE(expires_at, 'infinity'::timestamp with time zone), id) WHERE (state = 'held'::text);
CREATE INDEX open_action_state ON public.open_action USING btree (state, opened_at);
CREATE INDEX open_action_workflow ON public.open_action USING btree (workflow, opened_at);
CREATE INDEX passkey_person ON public.passkey USING btree (person) WHERE (removed_at IS NULL);
CREATE INDEX person_session_expires ON public.person_session USING btree (expires_at);
CREATE INDEX person_session_person ON public.person_session USING btree (person) WHERE (ended_at IS NULL);
CREATE INDEX preservation_in_force ON public.preservation USING btree (scope, name) WHERE (ended_at IS NULL);
CREATE INDEX provider_login_expires ON public.provider_login USING btree (expires_at);
CREATE INDEX run_agent ON public.run USING btree (agent, opened_at);
CREATE INDEX run_reversal_due ON public.run_reversal USING btree (look_at) WHERE (state = 'going'::text);
CREATE INDEX run_reversal_runs ON public.run_reversal USING gin (runs);
CREATE INDEX run_reversal_step_undo ON public.run_reversal_step USING btree (undo) WHERE (undo IS NOT NULL);
CREATE INDEX run_reversal_step_waiting ON public.run_reversal_step USING btree (reversal, deed) WHERE (state = 'waiting'::text);
CREATE INDEX run_root ON public.run USING btree (root) WHERE (root IS NOT NULL);
CREATE INDEX stop_active ON public.stop USING btree (lifted_at) WHERE (lifted_at IS NULL);
CREATE UNIQUE INDEX token_key_signs ON public.token_key USING btree ((true)) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX tool_pin_in_force ON public.tool_pin USING btree (server, tool) WHERE (status = 'pinned'::text);
CREATE INDEX used_assertion_expires ON public.used_assertion USING btree (expires_at);
CREATE INDEX window_use_action ON public.window_use USING btree (action);
CREATE INDEX window_use_at ON public.window_use USING btree (window_key, at);
CREATE INDEX window_use_expires ON public.window_use USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX workspace_proposal_open ON public.workspace_proposal USING btree (proposed_at) WHERE (ended IS NULL);

-- functions

CREATE OR REPLACE FUNCTION public.entry_continues()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;
CREATE OR REPLACE FUNCTION public.entry_stays()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'ledger entries are never changed' using errcode = 'integrity_constraint_violation';
end $function$;
CREATE OR REPLACE FUNCTION public.refuse_canary()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select 1 from canary where id = new.id) then
    raise exception 'a seeded request is no action and is never run';
  end if;
  return new;
end $function$;

-- triggers

CREATE TRIGGER entry_continues AFTER INSERT ON public.entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entry_continues();
CREATE TRIGGER entry_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION entry_stays();
CREATE TRIGGER open_action_no_canary BEFORE INSERT OR UPDATE OF id ON public.open_action FOR EACH ROW EXECUTE FUNCTION refuse_canary();

-- rights of other roles than the owner

alert: countersign_app may delete, insert, select, update;
answer: countersign_app may delete, insert, select, update;
approval_grant: countersign_app may delete, insert, select, update;
approval_shown: countersign_app may delete, insert, select, update;
asked_approval: countersign_app may delete, insert, select, update;
asked_target: countersign_app may delete, insert, select, update;
broken_glass: countersign_app may delete, insert, select, update;
budget_window: countersign_app may delete, insert, select, update;
canary: countersign_app may delete, insert, select, update;
checkpoint: countersign_app may insert, select;
checkpoint_closed: countersign_app may insert, select;
checkpoint_timestamp: countersign_app may insert, select;
claim: countersign_app may delete, insert, select, update;
connection: countersign_app may delete, insert, select, update;
consent: countersign_app may delete, insert, select, update;
credential: countersign_app may delete, insert, select, update;
credential_sighting: countersign_app may delete, insert, select, update;
entry: countersign_app may insert, select;
erasure: countersign_app may delete, insert, select, update;
erasure_lock: countersign_app may delete, insert, select, update;
erasure_proposal: countersign_app may delete, insert, select, update;
identity_revision: countersign_app may delete, insert, select, update;
lease: countersign_app may delete, insert, select, update;
log_key: countersign_app may delete, insert, select, update;
login_link: countersign_app may delete, insert, select, update;
lookup_action: countersign_app may delete, insert, select, update;
lookup_head: countersign_app may delete, insert, select, update;
lookup_lock: countersign_app may delete, insert, select, update;
lookup_segment: countersign_app may delete, insert, select, update;
mcp_session: countersign_app may delete, insert, select, update;
migration: countersign_app may select;
migration_lock: countersign_app may select;
notice: countersign_app may delete, insert, select, update;
notice_head: countersign_app may delete, insert, select, update;
notice_lock: countersign_app may delete, insert, select, update;
notice_open: countersign_app may delete, insert, select, update;
notice_told: countersign_app may delete, insert, select, update;
open_action: countersign_app may delete, insert, select, update;
passkey: countersign_app may delete, insert, select, update;
passkey_challenge: countersign_app may delete, insert, select, update;
person_session: countersign_app may delete, insert, select, update;
plane: countersign_app may delete, insert, select, update;
policy_text: countersign_app may delete, insert, select, update;
preservation: countersign_app may delete, insert, select, update;
provider_login: countersign_app may delete, insert, select, update;
provider_person: countersign_app may delete, insert, select, update;
retention: countersign_app may delete, insert, select, update;
run: countersign_app may delete, insert, select, update;
run_mark: countersign_app may insert, select;
run_reversal: countersign_app may delete, insert, select, update;
run_reversal_step: countersign_app may delete, insert, select, update;
run_reversing: countersign_app may delete, insert, select, update;
sealed_secret: countersign_app may delete, insert, select, update;
sealing_key: countersign_app may delete, insert, select, update;
stop: countersign_app may delete, insert, select, update;
subject_key: countersign_app may delete, insert, select, update;
tier_waiver: countersign_app may delete, insert, select, update;
tile: countersign_app may insert, select;
token_key: countersign_app may delete, insert, select, update;
tool_lock: countersign_app may delete, insert, select, update;
tool_pin: countersign_app may delete, insert, select, update;
tool_proof: countersign_app may delete, insert, select, update;
tree_span: countersign_app may insert, select;
used_assertion: countersign_app may delete, insert, select, update;
waiver_proposal: countersign_app may delete, insert, select, update;
window_use: countersign_app may delete, insert, select, update;
workflow_cover: countersign_app may delete, insert, select, update;
workflow_dri: countersign_app may delete, insert, select, update;
workspace_proposal: countersign_app may delete, insert, select, update;
workspace_version: countersign_app may delete, insert, select, update;
writer: countersign_app may delete, insert, select, update;
writer_lease: countersign_app may delete, insert, select, update;
