-- Whether a sync's change gives the person the tag or takes it off. Not if something else holds the tag as well: then only the list's claim changes.
alter table sync_change add column moves boolean not null default true;
