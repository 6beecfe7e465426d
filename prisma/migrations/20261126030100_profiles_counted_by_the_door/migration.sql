-- Profiles are counted by the statements that make and delete them (lib/profiles/change.ts). A trigger with a transition table
-- does not run on a distributed table.
drop trigger profile_counted_insert on profile;
drop trigger profile_counted_delete on profile;
drop function count_profiles();
