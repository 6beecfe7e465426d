-- Marketing by SMS leaves from 8 to 20 by the clock of the section, unless an Admin chooses other hours.
update sender
set settings = jsonb_set(settings, '{sms,hours}', jsonb_build_object('from', 8, 'to', 20, 'zone', coalesce(section.time_zone, 'UTC')))
from section
where section.id = sender.section_id and jsonb_typeof(settings -> 'sms') = 'object';
