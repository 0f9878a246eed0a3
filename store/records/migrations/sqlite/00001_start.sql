-- +goose Up

CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
);

CREATE TABLE projects (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  uid         TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  note        TEXT NOT NULL,
  language    TEXT NOT NULL,
  training    BOOLEAN NOT NULL,
  retain_days BIGINT NOT NULL,
  archived    BOOLEAN NOT NULL,
  created     BIGINT NOT NULL
);

CREATE TABLE forms (
  project   BIGINT NOT NULL REFERENCES projects (id),
  form      TEXT NOT NULL,
  title     TEXT NOT NULL,
  state     TEXT NOT NULL,
  encrypted BOOLEAN NOT NULL,
  web_form  BOOLEAN NOT NULL,
  created   BIGINT NOT NULL,
  records   BIGINT NOT NULL DEFAULT 0, -- how many, without drafts and deleted ones
  PRIMARY KEY (project, form)
);

CREATE TABLE form_keys (
  project BIGINT NOT NULL,
  form    TEXT NOT NULL,
  public  TEXT NOT NULL,
  private BLOB NOT NULL, -- sealed by a passphrase
  hint    TEXT NOT NULL,
  PRIMARY KEY (project, form),
  FOREIGN KEY (project, form) REFERENCES forms (project, form)
);

CREATE TABLE versions (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  project     BIGINT NOT NULL,
  form        TEXT NOT NULL,
  version     TEXT NOT NULL,
  draft       BOOLEAN NOT NULL,
  turn        BIGINT NOT NULL, -- order of publication, whatever the clock says; 0 for a draft
  hash        TEXT NOT NULL,
  xml         BLOB NOT NULL,
  source      BLOB,
  source_name TEXT NOT NULL,
  itemsets    BLOB,
  issues      TEXT NOT NULL,
  published   BIGINT NOT NULL,
  made_by     TEXT NOT NULL,
  FOREIGN KEY (project, form) REFERENCES forms (project, form)
);
CREATE UNIQUE INDEX versions_published ON versions (project, form, version) WHERE NOT draft;
CREATE UNIQUE INDEX versions_draft ON versions (project, form) WHERE draft;
CREATE INDEX versions_turn ON versions (project, form, turn);

CREATE TABLE media (
  version  BIGINT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  name     TEXT NOT NULL,
  type     TEXT NOT NULL,
  md5      TEXT NOT NULL,
  digest   TEXT NOT NULL,
  size     BIGINT NOT NULL,
  entities TEXT NOT NULL,
  PRIMARY KEY (version, name)
);

CREATE TABLE records (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  project    BIGINT NOT NULL,
  form       TEXT NOT NULL,
  draft      BOOLEAN NOT NULL,
  deleted    BOOLEAN NOT NULL,
  purged     BOOLEAN NOT NULL,
  encrypted  BOOLEAN NOT NULL,
  sealed     BOOLEAN NOT NULL,
  instance   TEXT NOT NULL,
  current    TEXT NOT NULL,
  version    TEXT NOT NULL,
  version_id BIGINT NOT NULL,
  actor      TEXT NOT NULL,
  site       TEXT NOT NULL,
  team       TEXT NOT NULL,
  received   BIGINT NOT NULL,
  updated    BIGINT NOT NULL,
  edits      BIGINT NOT NULL,
  review     TEXT NOT NULL,
  flags      BIGINT NOT NULL,
  issues     TEXT NOT NULL,
  device     BLOB, -- sealed
  answers    BLOB  -- keyed digest of the answers, to find interviews given twice
);
CREATE INDEX records_order ON records (project, form, draft, deleted, seq);
CREATE INDEX records_updated ON records (project, form, draft, deleted, updated);
CREATE INDEX records_answers ON records (project, form, answers, seq) WHERE answers IS NOT NULL;

-- Every version of every record, the first and the current included: one instance id, one row.
CREATE TABLE record_versions (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  record     BIGINT NOT NULL REFERENCES records (seq),
  project    BIGINT NOT NULL,
  form       TEXT NOT NULL,
  draft      BOOLEAN NOT NULL,
  instance   TEXT NOT NULL,
  version    TEXT NOT NULL,
  version_id BIGINT NOT NULL,
  actor      TEXT NOT NULL,
  at         BIGINT NOT NULL,
  device     BLOB, -- sealed
  body       BLOB  -- sealed; null once purged
);
CREATE UNIQUE INDEX record_versions_instance ON record_versions (project, form, draft, instance);
CREATE INDEX record_versions_record ON record_versions (record, id);

-- Tables of forms by a number, so that rows need not repeat form and path.
CREATE TABLE row_tables (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  project BIGINT NOT NULL,
  form    TEXT NOT NULL,
  draft   BOOLEAN NOT NULL,
  path    TEXT NOT NULL,
  UNIQUE (project, form, draft, path)
);

CREATE TABLE rows (
  tbl        BIGINT NOT NULL REFERENCES row_tables (id),
  record     BIGINT NOT NULL REFERENCES records (seq),
  position   BIGINT NOT NULL,
  parent     BIGINT NOT NULL,
  version_id BIGINT NOT NULL,
  plain      BLOB,
  restricted BLOB, -- sealed
  strict     BLOB, -- sealed
  PRIMARY KEY (tbl, record, position)
);

CREATE TABLE attachments (
  record   BIGINT NOT NULL REFERENCES records (seq),
  name     TEXT NOT NULL,
  type     TEXT NOT NULL,
  expected BOOLEAN NOT NULL,
  digest   TEXT NOT NULL,
  size     BIGINT NOT NULL,
  strict   BOOLEAN NOT NULL,
  later    BIGINT NOT NULL,
  PRIMARY KEY (record, name)
);

CREATE TABLE attachment_versions (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  record BIGINT NOT NULL REFERENCES records (seq),
  name   TEXT NOT NULL,
  digest TEXT NOT NULL,
  size   BIGINT NOT NULL,
  at     BIGINT NOT NULL
);
CREATE INDEX attachment_versions_record ON attachment_versions (record, name);

CREATE TABLE comments (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  record  BIGINT NOT NULL REFERENCES records (seq),
  at      BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  note    BLOB NOT NULL -- sealed
);
CREATE INDEX comments_record ON comments (record, id);

CREATE TABLE quarantine (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  project  BIGINT NOT NULL,
  form     TEXT NOT NULL,
  instance TEXT NOT NULL,
  reason   TEXT NOT NULL,
  args     TEXT NOT NULL,
  actor    TEXT NOT NULL,
  device   TEXT NOT NULL,
  at       BIGINT NOT NULL,
  size     BIGINT NOT NULL,
  digest   TEXT NOT NULL,
  files    BIGINT NOT NULL,
  settled  BIGINT NOT NULL,
  made_by  TEXT NOT NULL,
  outcome  TEXT NOT NULL
);
CREATE INDEX quarantine_project ON quarantine (project, id);

CREATE TABLE quarantine_files (
  quarantine BIGINT NOT NULL REFERENCES quarantine (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  digest     TEXT NOT NULL,
  size       BIGINT NOT NULL,
  PRIMARY KEY (quarantine, position)
);

CREATE TABLE users (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  email     TEXT NOT NULL,
  address   TEXT NOT NULL UNIQUE, -- email in lower case
  name      TEXT NOT NULL,
  language  TEXT NOT NULL,
  grants    TEXT NOT NULL,
  disabled  BOOLEAN NOT NULL,
  created   BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  password  TEXT NOT NULL -- argon2id
);

CREATE TABLE roles (
  name   TEXT PRIMARY KEY,
  rights TEXT NOT NULL
);

CREATE TABLE sessions (
  token    BLOB PRIMARY KEY, -- hashed
  usr      BIGINT NOT NULL REFERENCES users (id),
  expires  BIGINT NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE devices (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  project   BIGINT NOT NULL,
  name      TEXT NOT NULL,
  web       BOOLEAN NOT NULL,
  forms     TEXT NOT NULL,
  team      TEXT NOT NULL,
  site      TEXT NOT NULL,
  digest    BOOLEAN NOT NULL,
  draft     BOOLEAN NOT NULL,
  created   BIGINT NOT NULL,
  last_used BIGINT NOT NULL,
  revoked   BOOLEAN NOT NULL,
  token     BLOB NOT NULL UNIQUE, -- hashed
  ha1       TEXT NOT NULL
);
CREATE INDEX devices_project ON devices (project, id);
CREATE INDEX devices_name ON devices (name) WHERE digest;

CREATE TABLE passkeys (
  id     BLOB PRIMARY KEY,
  usr    BIGINT NOT NULL REFERENCES users (id),
  sealed BLOB NOT NULL
);
CREATE INDEX passkeys_user ON passkeys (usr);

CREATE TABLE openings (
  id         TEXT PRIMARY KEY,
  project    BIGINT NOT NULL,
  form       TEXT NOT NULL,
  instance   TEXT NOT NULL,
  purpose    TEXT NOT NULL,
  note       BLOB, -- sealed
  asked      BIGINT NOT NULL,
  asked_by   BIGINT NOT NULL,
  granted    BIGINT NOT NULL,
  granted_by BIGINT NOT NULL,
  refused    BOOLEAN NOT NULL,
  ends       BIGINT NOT NULL
);
CREATE INDEX openings_project ON openings (project, asked);

CREATE TABLE flags (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  project  BIGINT NOT NULL,
  form     TEXT NOT NULL,
  instance TEXT NOT NULL,
  code     TEXT NOT NULL,
  args     TEXT NOT NULL,
  raised   BIGINT NOT NULL,
  owner    TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  note     BLOB, -- sealed
  closed   BIGINT NOT NULL
);
CREATE INDEX flags_record ON flags (project, form, instance, id);

CREATE TABLE lists (
  project    BIGINT NOT NULL,
  name       TEXT NOT NULL,
  properties TEXT NOT NULL,
  approval   BOOLEAN NOT NULL,
  updated    BIGINT NOT NULL,
  hash       TEXT NOT NULL,
  PRIMARY KEY (project, name)
);

CREATE TABLE entities (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  project  BIGINT NOT NULL,
  list     TEXT NOT NULL,
  id       TEXT NOT NULL,
  label    TEXT NOT NULL,
  version  BIGINT NOT NULL,
  conflict TEXT NOT NULL,
  created  BIGINT NOT NULL,
  updated  BIGINT NOT NULL,
  deleted  BOOLEAN NOT NULL,
  source   TEXT NOT NULL,
  data     BLOB, -- sealed
  UNIQUE (project, list, id)
);
CREATE INDEX entities_order ON entities (project, list, deleted, seq);
CREATE INDEX entities_conflict ON entities (project, list) WHERE conflict <> '' AND NOT deleted;

CREATE TABLE entity_versions (
  project     BIGINT NOT NULL,
  list        TEXT NOT NULL,
  id          TEXT NOT NULL,
  version     BIGINT NOT NULL,
  base        BIGINT NOT NULL,
  label       TEXT NOT NULL,
  changed     TEXT NOT NULL,
  conflict    TEXT NOT NULL,
  conflicting TEXT NOT NULL,
  at          BIGINT NOT NULL,
  actor       TEXT NOT NULL,
  source      TEXT NOT NULL,
  data        BLOB, -- sealed
  PRIMARY KEY (project, list, id, version)
);

CREATE TABLE backlog (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  project BIGINT NOT NULL,
  list    TEXT NOT NULL,
  entity  TEXT NOT NULL,
  branch  TEXT NOT NULL,
  base    BIGINT NOT NULL,
  record  BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  change  BLOB -- sealed
);
CREATE INDEX backlog_entity ON backlog (project, entity, branch, base);
CREATE INDEX backlog_at ON backlog (at);

CREATE TABLE hooks (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  project  BIGINT NOT NULL,
  url      TEXT NOT NULL,
  events   TEXT NOT NULL,
  disabled BOOLEAN NOT NULL,
  created  BIGINT NOT NULL,
  secret   BLOB -- sealed
);
CREATE INDEX hooks_project ON hooks (project, id);

CREATE TABLE deliveries (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  hook     BIGINT NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
  event    TEXT NOT NULL,
  at       BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  status   BIGINT NOT NULL,
  next     BIGINT NOT NULL,
  done     BOOLEAN NOT NULL,
  body     BLOB NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (next, id) WHERE NOT done;
CREATE INDEX deliveries_hook ON deliveries (hook, id);

CREATE TABLE audit (
  number  INTEGER PRIMARY KEY,
  at      BIGINT NOT NULL,
  actor   TEXT NOT NULL,
  act     TEXT NOT NULL,
  project BIGINT NOT NULL,
  object  TEXT NOT NULL,
  purpose TEXT NOT NULL,
  detail  TEXT NOT NULL,
  hash    BLOB NOT NULL
);
CREATE INDEX audit_project ON audit (project, number);
CREATE INDEX audit_object ON audit (object, number);
