import { sql, type Sql } from '@/lib/db/sql';

/** The name of a joined `app_user`, or of a joined `api_key`: 'API key “Webshop”'. Null if there is neither. */
export const personOrKey = (person: Sql, key: Sql): Sql =>
  sql`coalesce(${person}.name, 'API key “' || ${key}.name || '”')`;
