-- How often a version was written again because a tag that it names was merged into another one.
alter table flow_version add column moved integer not null default 0;
