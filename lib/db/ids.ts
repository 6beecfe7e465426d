// Ids are plain integers, branded so that different kinds cannot be mixed up.
import { z } from 'zod';

/** The largest integer of the database. A larger number in an address is an unknown id. */
const INTEGER_MAX = 2_147_483_647;

const NOT_AN_ID = 'This is not an ID: send a whole number above 0.';

/**
 * A positive whole number, or its digits as in addresses. Nothing else: coercion would accept `true` as 1 and `[5]` as
 * 5.
 */
export const positiveId = (max = INTEGER_MAX) => {
  const number = z.int(NOT_AN_ID).positive(NOT_AN_ID).max(max, NOT_AN_ID);
  return z.union([number, z.string().regex(/^\d+$/).transform(Number).pipe(number)], NOT_AN_ID);
};

const id = <Brand extends string>(max = INTEGER_MAX) => positiveId(max).brand<Brand>();

/** An id from an address; null if the text is not an id, so that nothing is found. */
export const inAddress = <Schema extends z.ZodType>(schema: Schema) =>
  z.unknown().transform((given): z.output<Schema> | null => schema.safeParse(given).data ?? null);

export const AccountIdSchema = id<'AccountId'>();
export const SectionIdSchema = id<'SectionId'>();
export const UserIdSchema = id<'UserId'>();
export const TagIdSchema = id<'TagId'>();
export const ProfileIdSchema = id<'ProfileId'>(Number.MAX_SAFE_INTEGER);
export const AttributeIdSchema = id<'AttributeId'>();
export const KeyspaceIdSchema = id<'KeyspaceId'>();
export const OperationIdSchema = id<'OperationId'>();
export const ImportIdSchema = id<'ImportId'>();
export const ClaimHolderIdSchema = id<'ClaimHolderId'>();
export const ApiKeyIdSchema = id<'ApiKeyId'>();
export const EventTypeIdSchema = id<'EventTypeId'>();
export const EventVersionIdSchema = id<'EventVersionId'>();
export const TopicIdSchema = id<'TopicId'>();
export const WebhookIdSchema = id<'WebhookId'>();
export const SegmentIdSchema = id<'SegmentId'>();
export const NoteIdSchema = id<'NoteId'>(Number.MAX_SAFE_INTEGER);
export const ProfileViewIdSchema = id<'ProfileViewId'>();
export const ConnectionIdSchema = id<'ConnectionId'>();
export const ConnectionListIdSchema = id<'ConnectionListId'>();
export const SyncRunIdSchema = id<'SyncRunId'>();
export const SenderIdSchema = id<'SenderId'>();
export const MessageIdSchema = id<'MessageId'>();
export const SendIdSchema = id<'SendId'>();
export const TestGroupIdSchema = id<'TestGroupId'>();
export const MessageTemplateIdSchema = id<'MessageTemplateId'>();
export const FormIdSchema = id<'FormId'>();
export const FlowIdSchema = id<'FlowId'>();
export const SubmissionIdSchema = id<'SubmissionId'>(Number.MAX_SAFE_INTEGER);

export type AccountId = z.infer<typeof AccountIdSchema>;
export type SectionId = z.infer<typeof SectionIdSchema>;
export type UserId = z.infer<typeof UserIdSchema>;
export type TagId = z.infer<typeof TagIdSchema>;
export type ProfileId = z.infer<typeof ProfileIdSchema>;
export type AttributeId = z.infer<typeof AttributeIdSchema>;
export type KeyspaceId = z.infer<typeof KeyspaceIdSchema>;
export type OperationId = z.infer<typeof OperationIdSchema>;
export type ImportId = z.infer<typeof ImportIdSchema>;
export type ClaimHolderId = z.infer<typeof ClaimHolderIdSchema>;
export type ApiKeyId = z.infer<typeof ApiKeyIdSchema>;
export type EventTypeId = z.infer<typeof EventTypeIdSchema>;
export type EventVersionId = z.infer<typeof EventVersionIdSchema>;
export type TopicId = z.infer<typeof TopicIdSchema>;
export type WebhookId = z.infer<typeof WebhookIdSchema>;
export type SegmentId = z.infer<typeof SegmentIdSchema>;
export type NoteId = z.infer<typeof NoteIdSchema>;
export type ProfileViewId = z.infer<typeof ProfileViewIdSchema>;
export type ConnectionId = z.infer<typeof ConnectionIdSchema>;
export type ConnectionListId = z.infer<typeof ConnectionListIdSchema>;
export type SyncRunId = z.infer<typeof SyncRunIdSchema>;
export type SenderId = z.infer<typeof SenderIdSchema>;
export type MessageId = z.infer<typeof MessageIdSchema>;
export type SendId = z.infer<typeof SendIdSchema>;
export type TestGroupId = z.infer<typeof TestGroupIdSchema>;
export type MessageTemplateId = z.infer<typeof MessageTemplateIdSchema>;
export type FormId = z.infer<typeof FormIdSchema>;
export type FlowId = z.infer<typeof FlowIdSchema>;
export type SubmissionId = z.infer<typeof SubmissionIdSchema>;
