// Statements that may break a rule, as `file: rule table-or-function`.

/** Justified ones: in most cases, they are not about one section. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'lib/work/recover.ts: section operation': 'finds the work of every section whose process has died',
  'lib/db/statistics.ts: section profile_count': 'statistics of a table are of all its sections',
  'lib/db/statistics.ts: section tag_count': 'statistics of a table are of all its sections',
  'lib/profiles/counts.ts: section profile_count': 'folds the slots of closed connections, in every section',
  'lib/tags/counts.ts: section tag_count': 'folds the slots of closed connections, in every section',
  'lib/tags/counts.ts: section tag_day': 'folds the slots of closed connections, in every section',
  'lib/tags/untagged.ts: section profile_count': 'finds the large sections',
  'lib/signals/inbox.ts: section signal': 'finds the sections in which signals wait',
  'lib/signals/inbox.ts: section listener': 'finds the sections in which signals wait',
  'lib/webhooks/messages.ts: section webhook': 'finds the webhooks of every section that are behind',
  'lib/webhooks/messages.ts: section webhook_operation': 'finds the webhooks of every section that are behind',
  'lib/webhooks/deliver.ts: section webhook_message': 'finds the webhooks of every section that have something due',
  'lib/webhooks/deliver.ts: section webhook': 'finds the webhooks of every section that have something due',
  'lib/webhooks/queries.ts: section webhook_message': 'what waits in all sections, for the operator’s metrics',
  'lib/webhooks/queries.ts: section webhook': 'what waits in all sections, for the operator’s metrics',
  'lib/work/waiting.ts: section operation': 'what waits and runs in all sections, for the operator’s metrics',
  'server/health.ts: section operation': 'metrics are of the whole installation',
  'lib/db/prisma-client.ts: section topic': 'a test of the client itself asks for all of them',
  'lib/tags/queries.ts: section tag': 'a tag that is missed is looked for in the other sections of the person',
  'lib/segments/sizes.ts: section segment': 'asks for the sizes of each night, in every section',
  'lib/clients/segments.ts: section segment': 'an API client asks for the segments of all sections that its key is for',
  'lib/clients/exports.ts: section export_request':
    'a download is named by its token alone; and those that have ended are removed',
  'lib/clients/imports.ts: section import_request':
    'an upload is named by its token alone; those that wait are counted for the account',
  'lib/clients/imports.ts: section import': 'those that wait are counted for the account',
  'lib/clients/imports.ts: section operation': 'those that wait are counted for the account',
  'lib/imports/quota.ts: section import_chunk': 'the limit of all files together is of the installation',
  'lib/imports/stage.ts: section import': 'removes what was abandoned, in every section',
  'lib/imports/stage.ts: section import_chunk': 'removes what was abandoned, in every section',
  'lib/imports/stage.ts: section import_row': 'removes what was abandoned, in every section',
  'lib/imports/stage.ts: section import_repeat': 'removes what was abandoned, in every section',
  'lib/imports/stage.ts: section operation': 'removes what was abandoned, in every section',
  'lib/imports/merge.ts: temporary import_named': 'so on one server; on a cluster its rows are sent along',
};
