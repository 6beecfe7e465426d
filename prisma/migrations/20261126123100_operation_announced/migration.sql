-- When the person who started an operation was told of its end, so that the browser announces each end once. Operations
-- that have ended before count as announced.
alter table operation add column announced_at timestamptz(3);
update operation set announced_at = coalesce(finished_at, created_at) where status not in ('queued', 'running');
-- What the browser asks for every few seconds: what runs in the section, and whose end a person has not been told yet.
create index operation_running on operation (section_id, id) where status in ('queued', 'running');
create index operation_unannounced on operation (section_id, user_id, id) where announced_at is null and user_id is not null;
