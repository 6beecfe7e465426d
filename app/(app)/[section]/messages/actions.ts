'use server';
import { asViewer, runAction } from '@/app/run-action';
import { chooseVariant } from '@/lib/messages/ab';
import { approveSend, returnSend } from '@/lib/messages/approval';
import { publishMessage, withdrawMessage } from '@/lib/messages/archive';
import { createMessage, deleteMessage, duplicateMessage, saveMessage } from '@/lib/messages/commands';
import { cancelSend, pauseSend, resolveUnknown, resumeSend } from '@/lib/messages/send-commands';
import { scheduleMessage } from '@/lib/messages/schedule';
import { deleteTemplate, renameTemplate, saveTemplate } from '@/lib/messages/templates';
import { deleteTestGroup, saveTestGroup } from '@/lib/messages/test-groups';
import { giveToApi, takeFromApi } from '@/lib/messages/transactional';
import { sendTest } from '@/lib/messages/test-mail';
import { sendSmsTest } from '@/lib/messages/test-sms';

export async function createMessageAction(input: unknown, requestId: string) {
  return runAction(createMessage, input, requestId);
}

export async function saveMessageAction(input: unknown, requestId: string) {
  return runAction(saveMessage, input, requestId);
}

export async function duplicateMessageAction(input: unknown, requestId: string) {
  return runAction(duplicateMessage, input, requestId);
}

export async function deleteMessageAction(input: unknown, requestId: string) {
  return runAction(deleteMessage, input, requestId);
}

export async function scheduleMessageAction(input: unknown, requestId: string) {
  return runAction(scheduleMessage, input, requestId);
}

export async function pauseSendAction(input: unknown, requestId: string) {
  return runAction(pauseSend, input, requestId);
}

export async function resumeSendAction(input: unknown, requestId: string) {
  return runAction(resumeSend, input, requestId);
}

export async function cancelSendAction(input: unknown, requestId: string) {
  return runAction(cancelSend, input, requestId);
}

export async function resolveUnknownAction(input: unknown, requestId: string) {
  return runAction(resolveUnknown, input, requestId);
}

export async function approveSendAction(input: unknown, requestId: string) {
  return runAction(approveSend, input, requestId);
}

export async function returnSendAction(input: unknown, requestId: string) {
  return runAction(returnSend, input, requestId);
}

export async function chooseVariantAction(input: unknown, requestId: string) {
  return runAction(chooseVariant, input, requestId);
}

export async function saveTestGroupAction(input: unknown, requestId: string) {
  return runAction(saveTestGroup, input, requestId);
}

export async function deleteTestGroupAction(input: unknown, requestId: string) {
  return runAction(deleteTestGroup, input, requestId);
}

export async function giveToApiAction(input: unknown, requestId: string) {
  return runAction(giveToApi, input, requestId);
}

export async function takeFromApiAction(input: unknown, requestId: string) {
  return runAction(takeFromApi, input, requestId);
}

export async function publishMessageAction(input: unknown, requestId: string) {
  return runAction(publishMessage, input, requestId);
}

export async function withdrawMessageAction(input: unknown, requestId: string) {
  return runAction(withdrawMessage, input, requestId);
}

/** The mails leave at once, so it is not repeated by its request. */
export async function sendTestAction(input: unknown) {
  return asViewer((actor) => sendTest(actor, input));
}

/** The same for SMS. */
export async function sendSmsTestAction(input: unknown) {
  return asViewer((actor) => sendSmsTest(actor, input));
}

export async function saveTemplateAction(input: unknown, requestId: string) {
  return runAction(saveTemplate, input, requestId);
}

export async function renameTemplateAction(input: unknown, requestId: string) {
  return runAction(renameTemplate, input, requestId);
}

export async function deleteTemplateAction(input: unknown, requestId: string) {
  return runAction(deleteTemplate, input, requestId);
}
