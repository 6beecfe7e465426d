-- Keys that were locked for good are refused by the door for profile data (lib/profiles/change.ts), which alone sets keys. A
-- trigger with a transition table does not run on a distributed table.
drop trigger profile_key_locked_insert on profile_key;
drop trigger profile_key_locked_update on profile_key;
drop function refuse_locked_keys();
