-- Which form a profile or a value came through.
alter table profile_change add column origin_id integer;
