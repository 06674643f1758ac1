"""The tables of the local cluster, as SQL. No access code lives here, see `store`.

Column types that `store` converts on reading: JSON (any JSON value), BOOL, TIME (aware UTC
datetime, kept as ISO text of fixed width so that it sorts). Ids are lower-case UUID texts with
dashes; folder ids have none, as on the wire.
"""

from __future__ import annotations

VERSION = 1

SCHEMA = """
CREATE TABLE domains (
    name TEXT PRIMARY KEY,
    description TEXT,
    is_active BOOL,
    created_at TIME NOT NULL,
    modified_at TIME NOT NULL,
    total_resource_slots JSON NOT NULL DEFAULT '{}',
    allowed_vfolder_hosts JSON NOT NULL DEFAULT '[]',
    allowed_docker_registries JSON NOT NULL DEFAULT '[]',
    integration_id TEXT
);
CREATE TABLE groups (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    is_active BOOL,
    created_at TIME NOT NULL,
    modified_at TIME NOT NULL,
    domain_name TEXT NOT NULL REFERENCES domains(name) ON UPDATE CASCADE ON DELETE CASCADE,
    total_resource_slots JSON NOT NULL DEFAULT '{}',
    allowed_vfolder_hosts JSON NOT NULL DEFAULT '[]',
    integration_id TEXT,
    UNIQUE (name, domain_name)
);
CREATE TABLE users (
    uuid TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,              -- scrypt hash, see passwords.py
    need_password_change BOOL,
    full_name TEXT,
    description TEXT,
    is_active BOOL,
    created_at TIME NOT NULL,
    domain_name TEXT NOT NULL REFERENCES domains(name) ON UPDATE CASCADE,
    role TEXT NOT NULL DEFAULT 'user'
        CHECK (role IN ('superadmin', 'admin', 'user', 'monitor'))
);
CREATE TABLE association_groups_users (
    group_id TEXT NOT NULL REFERENCES groups(id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users(uuid) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE TABLE keypair_resource_policies (
    name TEXT PRIMARY KEY,
    created_at TIME NOT NULL,
    default_for_unspecified TEXT NOT NULL DEFAULT 'UNLIMITED'
        CHECK (default_for_unspecified IN ('LIMITED', 'UNLIMITED')),
    total_resource_slots JSON NOT NULL DEFAULT '{}',
    max_concurrent_sessions INTEGER NOT NULL,
    max_containers_per_session INTEGER NOT NULL,
    idle_timeout INTEGER NOT NULL,       -- seconds, 0 = never
    max_vfolder_count INTEGER NOT NULL,  -- 0 = unlimited
    max_vfolder_size INTEGER NOT NULL,
    allowed_vfolder_hosts JSON NOT NULL DEFAULT '[]'
);
CREATE TABLE keypairs (
    access_key TEXT PRIMARY KEY,
    secret_key TEXT NOT NULL,
    user_id TEXT NOT NULL,               -- e-mail of the owner
    "user" TEXT NOT NULL REFERENCES users(uuid) ON DELETE CASCADE,
    is_active BOOL,
    is_admin BOOL,
    resource_policy TEXT NOT NULL REFERENCES keypair_resource_policies(name),
    created_at TIME NOT NULL,
    last_used TIME,
    rate_limit INTEGER NOT NULL,         -- requests in 900 s
    num_queries INTEGER NOT NULL DEFAULT 0,
    ssh_public_key TEXT,                 -- made when first needed, see keys.py
    ssh_private_key TEXT,
    dotfiles JSON NOT NULL DEFAULT '[]'  -- [{"path", "perm", "data"}]
);
CREATE INDEX keypairs_user ON keypairs("user");
CREATE TABLE resource_presets (
    name TEXT PRIMARY KEY,
    resource_slots JSON NOT NULL,
    shared_memory INTEGER                -- bytes or NULL
);
CREATE TABLE scaling_groups (
    name TEXT PRIMARY KEY,
    description TEXT,
    is_active BOOL,
    created_at TIME NOT NULL,
    driver TEXT NOT NULL,
    driver_opts JSON NOT NULL DEFAULT '{}',
    scheduler TEXT NOT NULL,
    scheduler_opts JSON NOT NULL DEFAULT '{}'
);
CREATE TABLE sgroups_for_domains (
    scaling_group TEXT NOT NULL REFERENCES scaling_groups(name) ON DELETE CASCADE,
    domain TEXT NOT NULL REFERENCES domains(name) ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY (scaling_group, domain)
);
CREATE TABLE sgroups_for_groups (
    scaling_group TEXT NOT NULL REFERENCES scaling_groups(name) ON DELETE CASCADE,
    "group" TEXT NOT NULL REFERENCES groups(id) ON DELETE CASCADE,
    PRIMARY KEY (scaling_group, "group")
);
CREATE TABLE sgroups_for_keypairs (
    scaling_group TEXT NOT NULL REFERENCES scaling_groups(name) ON DELETE CASCADE,
    access_key TEXT NOT NULL REFERENCES keypairs(access_key) ON DELETE CASCADE,
    PRIMARY KEY (scaling_group, access_key)
);
CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL,                -- ALIVE LOST RESTARTING TERMINATED
    status_changed TIME,
    region TEXT NOT NULL,
    scaling_group TEXT NOT NULL REFERENCES scaling_groups(name),
    available_slots JSON NOT NULL,       -- slot -> decimal text
    occupied_slots JSON NOT NULL DEFAULT '{}',
    addr TEXT NOT NULL,
    first_contact TIME NOT NULL,
    lost_at TIME,
    version TEXT NOT NULL,
    compute_plugins JSON NOT NULL DEFAULT '{}'
);
CREATE TABLE images (
    canonical TEXT PRIMARY KEY,          -- registry/name:tag
    registry TEXT NOT NULL,
    name TEXT NOT NULL,
    tag TEXT NOT NULL,
    digest TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    labels JSON NOT NULL DEFAULT '{}',
    resource_limits JSON NOT NULL DEFAULT '{}',   -- slot -> {"min", "max"}
    supported_accelerators JSON NOT NULL DEFAULT '[]',
    runtime_path TEXT NOT NULL           -- the interpreter this image stands for
);
CREATE TABLE image_aliases (
    alias TEXT PRIMARY KEY,
    image TEXT NOT NULL REFERENCES images(canonical) ON DELETE CASCADE
);
CREATE TABLE kernels (                   -- one row = one compute session
    id TEXT PRIMARY KEY,
    sess_id TEXT NOT NULL,               -- the name in REST paths
    sess_type TEXT NOT NULL,             -- INTERACTIVE BATCH
    role TEXT NOT NULL DEFAULT 'master',
    image TEXT NOT NULL,
    registry TEXT NOT NULL,
    tag TEXT,
    domain_name TEXT NOT NULL REFERENCES domains(name) ON UPDATE CASCADE,
    group_id TEXT NOT NULL REFERENCES groups(id),
    user_uuid TEXT NOT NULL REFERENCES users(uuid),
    access_key TEXT NOT NULL REFERENCES keypairs(access_key),
    scaling_group TEXT,                  -- wanted, then chosen; NULL = scheduler chooses
    agent TEXT,
    container_id TEXT,
    status TEXT NOT NULL,
    status_info TEXT,
    status_changed TIME,                 -- NULL while PENDING
    created_at TIME NOT NULL,
    terminated_at TIME,
    occupied_slots JSON NOT NULL DEFAULT '{}',
    occupied_shares JSON NOT NULL DEFAULT '{}',
    environ JSON NOT NULL DEFAULT '[]',  -- ["KEY=value"]
    mounts JSON NOT NULL DEFAULT '[]',   -- [[name, host, folder id, permission]]
    resource_opts JSON NOT NULL DEFAULT '{}',
    startup_command TEXT,
    result TEXT NOT NULL DEFAULT 'UNDEFINED',
    service_ports JSON,                  -- [{"name", "protocol", "container_ports", "host_ports"}]
    num_queries INTEGER NOT NULL DEFAULT 0,
    cluster_size INTEGER,
    last_stat JSON,
    extra JSON NOT NULL DEFAULT '{}'     -- the agent's own notes (process ids, ...)
);
CREATE INDEX kernels_name ON kernels(access_key, sess_id);
CREATE INDEX kernels_status ON kernels(status);
CREATE TABLE vfolders (
    id TEXT PRIMARY KEY,                 -- 32 hex digits
    host TEXT NOT NULL,
    name TEXT NOT NULL,
    max_files INTEGER NOT NULL DEFAULT 1000,
    max_size INTEGER NOT NULL DEFAULT 1048576,
    created_at TIME NOT NULL,
    last_used TIME,
    creator TEXT,                        -- e-mail
    "user" TEXT REFERENCES users(uuid),
    "group" TEXT REFERENCES groups(id),
    CHECK (("user" IS NULL) <> ("group" IS NULL))
);
CREATE INDEX vfolders_user ON vfolders("user");
CREATE TABLE vfolder_permissions (
    vfolder TEXT NOT NULL REFERENCES vfolders(id) ON DELETE CASCADE,
    "user" TEXT NOT NULL REFERENCES users(uuid) ON DELETE CASCADE,
    permission TEXT NOT NULL CHECK (permission IN ('ro', 'rw', 'wd')),
    PRIMARY KEY (vfolder, "user")
);
CREATE TABLE vfolder_invitations (
    id TEXT PRIMARY KEY,
    permission TEXT NOT NULL CHECK (permission IN ('ro', 'rw', 'wd')),
    inviter TEXT NOT NULL,               -- e-mail
    invitee TEXT NOT NULL,               -- e-mail
    state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'canceled', 'accepted', 'rejected')),
    created_at TIME NOT NULL,
    modified_at TIME,
    vfolder TEXT NOT NULL REFERENCES vfolders(id) ON DELETE CASCADE
);
CREATE TABLE config (                    -- the key-value configuration store
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
"""
