/**
 * The first tables; see schema.ts for what the columns mean. References that go round in a circle can be checked at the
 * end of a transaction, which a restore needs.
 */
import { sql, type Kysely } from 'kysely'

const statements = [
  `create table product (
    id uuid primary key,
    name text not null,
    active_model uuid,
    earlier_models jsonb not null default '[]',
    shadow_model uuid,
    zones jsonb,
    created_at timestamptz not null default now()
  )`,
  'create unique index product_name on product (lower(name))',
  `create table image (
    id uuid primary key,
    product uuid not null references product on delete cascade,
    name text not null,
    sha256 text not null,
    bytes bigint not null,
    width integer not null,
    height integer not null,
    bucket text not null check (bucket in ('good', 'defect', 'unsorted')),
    defect text,
    split text not null check (split in ('train', 'test')),
    mask_sha256 text,
    source text not null check (source in ('upload', 'camera', 'watch', 'feedback')),
    created_at timestamptz not null default now(),
    deleted_at timestamptz,
    unique (product, sha256)
  )`,
  'create index image_product on image (product, id)',
  'create index image_sha256 on image (sha256)',
  'create index image_mask on image (mask_sha256)',
  `create table job (
    id uuid primary key,
    product uuid not null references product on delete cascade,
    request jsonb not null,
    status text not null check (status in ('queued', 'running', 'done', 'failed', 'cancelled')),
    stage text,
    progress double precision not null default 0,
    seconds_left double precision,
    loss double precision,
    attempt integer not null default 0,
    worker text,
    leased_until timestamptz,
    model uuid,
    error jsonb,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz
  )`,
  'create index job_product on job (product, id)',
  'create index job_status on job (status)',
  `create table job_line (
    job uuid not null references job on delete cascade,
    number integer not null,
    at timestamptz not null default now(),
    level text not null check (level in ('info', 'warning', 'error')),
    text text not null,
    primary key (job, number)
  )`,
  `create table model (
    id uuid primary key,
    product uuid not null references product on delete cascade,
    version integer not null,
    origin text not null check (origin in ('train', 'calibrate', 'import')),
    parent uuid references model on delete set null deferrable,
    job uuid references job on delete set null,
    sha256 text not null,
    bytes bigint not null,
    card jsonb not null,
    created_at timestamptz not null default now(),
    unique (product, version)
  )`,
  `alter table product
    add foreign key (active_model) references model on delete set null deferrable,
    add foreign key (shadow_model) references model on delete set null deferrable`,
  'alter table job add foreign key (model) references model on delete set null deferrable',
  `create table dataset (
    id uuid primary key,
    product uuid not null references product on delete cascade,
    job uuid not null unique references job on delete cascade,
    images jsonb not null,
    created_at timestamptz not null default now()
  )`,
  `create table evaluation (
    id uuid primary key,
    model uuid not null references model on delete cascade,
    job uuid references job on delete set null,
    result jsonb not null,
    created_at timestamptz not null default now()
  )`,
  'create index evaluation_model on evaluation (model, id)',
  `create table inspection (
    id uuid primary key,
    product uuid not null references product on delete cascade,
    model uuid not null references model on delete cascade,
    job uuid references job on delete set null,
    image uuid references image on delete set null,
    name text not null,
    sha256 text not null,
    record jsonb not null,
    verdict text check (verdict in ('good', 'defect', 'unsure')),
    calibrated double precision,
    map_sha256 text,
    mask_sha256 text,
    milliseconds double precision not null,
    shadow_model uuid references model on delete set null,
    shadow_score double precision,
    shadow_verdict text,
    disagrees boolean not null default false,
    created_at timestamptz not null default now()
  )`,
  'create index inspection_product on inspection (product, id)',
  'create index inspection_model on inspection (model, id)',
  'create index inspection_sha256 on inspection (sha256)',
  'create index inspection_map on inspection (map_sha256)',
  'create index inspection_mask on inspection (mask_sha256)',
  'create index inspection_disagrees on inspection (product, id) where disagrees',
  `create table decision (
    inspection uuid primary key references inspection on delete cascade,
    verdict text not null check (verdict in ('good', 'defect')),
    by text not null,
    image uuid references image on delete set null,
    at timestamptz not null default now()
  )`,
  `create table token (
    id uuid primary key,
    name text not null,
    role text not null check (role in ('operator', 'engineer', 'admin')),
    hash text not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
  )`,
  `create table session (
    hash text primary key,
    token uuid not null references token on delete cascade,
    csrf text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  `create table audit (
    id uuid primary key,
    at timestamptz not null default now(),
    by text not null,
    action text not null,
    subject text,
    detail jsonb not null
  )`,
  'create index audit_action on audit (action, id)',
  `create table idempotency (
    token uuid not null references token on delete cascade,
    key text not null,
    fingerprint text not null,
    subject uuid not null,
    run text not null,
    status integer,
    response jsonb,
    created_at timestamptz not null default now(),
    primary key (token, key)
  )`,
  `create table watch (
    id uuid primary key,
    product uuid not null references product on delete cascade,
    folder text not null,
    seen integer not null default 0,
    last_error text,
    created_at timestamptz not null default now()
  )`,
  `create table watched_file (
    watch uuid not null references watch on delete cascade,
    path text not null,
    stamp text not null,
    inspection uuid references inspection on delete set null,
    primary key (watch, path)
  )`,
  `create table hook (
    id uuid primary key,
    product uuid not null references product on delete cascade,
    target text not null,
    "on" text not null check ("on" in ('every', 'defect', 'unsure-or-defect')),
    sent integer not null default 0,
    last_error text,
    created_at timestamptz not null default now()
  )`,
  `create table outbox (
    id uuid primary key,
    hook uuid not null references hook on delete cascade,
    inspection uuid not null references inspection on delete cascade,
    attempts integer not null default 0,
    next_at timestamptz not null default now()
  )`,
  'create index outbox_next on outbox (next_at)',
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
