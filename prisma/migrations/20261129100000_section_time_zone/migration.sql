-- By whose clock a section works: messages are scheduled by it, and days begin and end in it, where nobody chooses another. Null: nobody
-- has said, and the browser's is taken.
alter table section add column time_zone text;
