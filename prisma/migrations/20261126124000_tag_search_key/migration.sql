-- The name of a tag as pickers search it: its key without accents, and the same without what stands between words (`searchable` in
-- lib/naming/word-search.ts, which a test compares).
alter table "tag"
  add column "search_key" text generated always as (
    regexp_replace(
      normalize("name_key", NFKD),
      '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]', '', 'g'
    )
  ) stored,
  add column "search_joined" text generated always as (
    translate(
      regexp_replace(
        normalize("name_key", NFKD),
        '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]', '', 'g'
      ),
      ' -_./:,;&+|()''’–—', ''
    )
  ) stored;
