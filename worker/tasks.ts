// The work of workers besides operations. Each task calls lib and is safe to repeat.
import { parseCronItems, type TaskList } from 'graphile-worker';
import { removeOldReceipts } from '@/lib/access/receipts';
import type { AttributeId, SectionId, SegmentId, SyncRunId } from '@/lib/db/ids';
import { refreshStatistics } from '@/lib/db/statistics';
import { removeOldJobKeys } from '@/lib/clients/tag-jobs';
import { removeOldRates } from '@/lib/accounts/api-rate';
import { lookAgainWhereChanged } from '@/lib/duplicates/nightly';
import { IndexJobSchema, settleIndex } from '@/lib/attributes/value-index';
import { removeOldAttempts } from '@/lib/accounts/attempts';
import { removeOldSessions } from '@/lib/accounts/sessions';
import { removeOldSystemMail, sendSystemMail, SYSTEM_MAIL_TASK, SystemMailJobSchema } from '@/lib/accounts/system-mail';
import { foldFlowCounts } from '@/lib/flows/counts';
import { recountFlows } from '@/lib/flows/recount';
import { removeOldHistory } from '@/lib/flows/retention';
import { MAILS_TASK } from '@/lib/forms/mails';
import { removeOldSubmissions } from '@/lib/forms/retention';
import { MailsJobSchema, sendFormMails } from '@/lib/forms/send-mails';
import { workSubmissions } from '@/lib/forms/work';
import { WORK_TASK, WorkJobSchema } from '@/lib/forms/work-job';
import { removeAbandonedUploads } from '@/lib/imports/stage';
import { foldProfileCounts } from '@/lib/profiles/counts';
import { removeOldUndone } from '@/lib/profiles/undone';
import { removeOldExports } from '@/lib/clients/exports';
import { readConnection, ReadJobSchema } from '@/lib/integrations/read';
import { removeOldRuns } from '@/lib/integrations/retention';
import { removeOldTurns } from '@/lib/integrations/turns';
import { READ_TASK } from '@/lib/integrations/start';
import { removeOldBounces } from '@/lib/bounces/retention';
import { sendMails } from '@/lib/messages/deliver';
import { prepareSend } from '@/lib/messages/freeze';
import { takeSteps } from '@/lib/messages/in-steps';
import {
  MAIL_TASK,
  MailJobSchema,
  PREPARE_TASK,
  PrepareJobSchema,
  SERVICE_TASK,
  STEPS_TASK,
} from '@/lib/messages/queue';
import { removeOldLists } from '@/lib/operations/selection';
import { removeOldCaughtMail } from '@/lib/sending/mailbox';
import { forgetRemovedSenders, removeOldUse } from '@/lib/sending/use';
import { recordPastSizes } from '@/lib/segments/past-sizes';
import { recordAllSizes, recordSize, SizeJobSchema } from '@/lib/segments/sizes';
import { removeOldMessages } from '@/lib/webhooks/deliver';
import { foldTagCounts } from '@/lib/tags/counts';
import { NOTE_TASK, noteUntagged } from '@/lib/tags/untagged';
import type { Lane } from '@/lib/work/options';

/** The tasks of each lane. */
export const tasks: Record<Lane, TaskList> = {
  now: {
    [SYSTEM_MAIL_TASK]: (payload) => sendSystemMail(SystemMailJobSchema.parse(payload).id),
    [STEPS_TASK]: (payload, { abortSignal }) => takeSteps(PrepareJobSchema.parse(payload), { signal: abortSignal }),
    [WORK_TASK]: (payload, { abortSignal }) =>
      workSubmissions(WorkJobSchema.parse(payload).sectionId, { signal: abortSignal }),
    [MAILS_TASK]: (payload, { abortSignal }) =>
      sendFormMails(MailsJobSchema.parse(payload).sectionId, { signal: abortSignal }),
  },
  work: {
    settle_attribute_index: async (payload) => {
      const { sectionId, attributeId } = IndexJobSchema.parse(payload);
      await settleIndex(sectionId as SectionId, attributeId as AttributeId);
    },
  },
  remote: {
    [READ_TASK]: async (payload, { abortSignal }) => {
      const { sectionId, runId } = ReadJobSchema.parse(payload);
      await readConnection(sectionId as SectionId, runId as SyncRunId, { signal: abortSignal });
    },
  },
  mail: {
    [PREPARE_TASK]: (payload) => prepareSend(PrepareJobSchema.parse(payload)),
    [MAIL_TASK]: (payload, { abortSignal }) => sendMails(MailJobSchema.parse(payload), { signal: abortSignal }),
  },
  service: {
    [SERVICE_TASK]: (payload, { abortSignal }) => sendMails(MailJobSchema.parse(payload), { signal: abortSignal }),
  },
  night: {
    fold_tag_counts: foldTagCounts,
    fold_flow_counts: foldFlowCounts,
    recount_flows: (_payload, { logger }) => recountFlows((words) => logger.error(words)),
    fold_profile_counts: foldProfileCounts,
    look_for_duplicates: lookAgainWhereChanged,
    note_segment_size: async (payload) => {
      const { sectionId, segmentId } = SizeJobSchema.parse(payload);
      await recordSize(sectionId as SectionId, segmentId as SegmentId);
    },
    note_past_segment_sizes: async (payload) => {
      const { sectionId, segmentId } = SizeJobSchema.parse(payload);
      await recordPastSizes(sectionId as SectionId, segmentId as SegmentId);
    },
    note_segment_sizes: recordAllSizes,
    [NOTE_TASK]: () => noteUntagged(),
    refresh_statistics: () => refreshStatistics(),
    remove_old_bounces: () => removeOldBounces(),
    remove_old_flow_history: () => removeOldHistory(),
    remove_old_submissions: () => removeOldSubmissions(),
    remove_old_caught_mail: () => removeOldCaughtMail(),
    remove_old_sender_use: () => removeOldUse(),
    forget_removed_senders: () => forgetRemovedSenders(),
    remove_old_receipts: () => removeOldReceipts(),
    remove_abandoned_uploads: () => removeAbandonedUploads(),
    remove_old_crm_turns: () => removeOldTurns(),
    remove_old_rates: () => removeOldRates(),
    remove_old_sign_in_attempts: () => removeOldAttempts(),
    remove_old_sessions: removeOldSessions,
    remove_old_system_mail: () => removeOldSystemMail(),
    remove_old_exports: () => removeOldExports(),
    remove_old_job_keys: removeOldJobKeys,
    remove_old_operation_lists: removeOldLists,
    remove_old_sync_runs: () => removeOldRuns(),
    remove_old_webhook_messages: () => removeOldMessages(),
    remove_old_undone_profiles: () => removeOldUndone(),
  },
};

export const cronItems = parseCronItems([
  { task: 'fold_tag_counts', match: '*/10 * * * *' },
  { task: 'fold_flow_counts', match: '*/10 * * * *' },
  { task: 'fold_profile_counts', match: '*/10 * * * *' },
  { task: 'recount_flows', match: '20 2 * * *' },
  { task: 'note_segment_sizes', match: '15 1 * * *' },
  { task: NOTE_TASK, match: '*/5 * * * *' },
  { task: 'look_for_duplicates', match: '45 2 * * *' },
  { task: 'refresh_statistics', match: '* * * * *' },
  { task: 'remove_old_bounces', match: '41 3 * * *' },
  { task: 'remove_old_flow_history', match: '47 3 * * *' },
  { task: 'remove_old_submissions', match: '44 3 * * *' },
  { task: 'remove_old_caught_mail', match: '35 3 * * *' },
  { task: 'remove_old_sender_use', match: '37 3 * * *' },
  { task: 'forget_removed_senders', match: '38 3 * * *' },
  { task: 'remove_old_receipts', match: '30 3 * * *' },
  { task: 'remove_old_webhook_messages', match: '0 4 * * *' },
  { task: 'remove_old_job_keys', match: '50 3 * * *' },
  { task: 'remove_old_operation_lists', match: '52 3 * * *' },
  { task: 'remove_old_sync_runs', match: '25 4 * * *' },
  { task: 'remove_old_undone_profiles', match: '55 3 * * *' },
  { task: 'remove_old_system_mail', match: '39 3 * * *' },
  { task: 'remove_old_exports', match: '10 4 * * *' },
  { task: 'remove_old_crm_turns', match: '10 3 * * *' },
  { task: 'remove_old_rates', match: '20 * * * *' },
  { task: 'remove_old_sign_in_attempts', match: '0 3 * * *' },
  { task: 'remove_old_sessions', match: '5 3 * * *' },
  { task: 'remove_abandoned_uploads', match: '40 3 * * *' },
]);
