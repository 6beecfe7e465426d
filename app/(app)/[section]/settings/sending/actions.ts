'use server';
import { asViewer, runAction } from '@/app/run-action';
import { clearAside, makeHookSecret, readMailboxNow, removeMailbox, sendProbe, setTopic } from '@/lib/bounces/commands';
import { saveMailbox } from '@/lib/bounces/save';
import { setFormRule } from '@/lib/forms/rule';
import { setApprovalRule } from '@/lib/messages/approval';
import { setSendLimits } from '@/lib/messages/limits';
import {
  addMailbox,
  beginSigning,
  checkSenderDomain,
  makeKey,
  pauseSender,
  removeSender,
  sendTestMail,
  sendTestSms,
  setSigning,
  chooseForSystemMail,
} from '@/lib/sending/commands';
import { addSender, changeSender } from '@/lib/sending/save';
import { setReturnAddress } from '@/lib/sending/returns';
import { addSmsSender, changeSmsSender } from '@/lib/sending/save-sms';

export async function setFormRuleAction(input: unknown, requestId: string) {
  return runAction(setFormRule, input, requestId);
}

export async function setApprovalRuleAction(input: unknown, requestId: string) {
  return runAction(setApprovalRule, input, requestId);
}

export async function setSendLimitsAction(input: unknown, requestId: string) {
  return runAction(setSendLimits, input, requestId);
}

/** Asks the mail server first. */
export async function addSenderAction(input: unknown, requestId: string) {
  return asViewer((actor) => addSender(actor, input, { requestId }));
}

/** Asks the mail server first, unless only names or limits change. */
export async function changeSenderAction(input: unknown, requestId: string) {
  return asViewer((actor) => changeSender(actor, input, { requestId }));
}

/** Asks the provider first. */
export async function addSmsSenderAction(input: unknown, requestId: string) {
  return asViewer((actor) => addSmsSender(actor, input, { requestId }));
}

/** Asks the provider first, unless only names or limits change. */
export async function changeSmsSenderAction(input: unknown, requestId: string) {
  return asViewer((actor) => changeSmsSender(actor, input, { requestId }));
}

export async function addMailboxAction(input: unknown, requestId: string) {
  return runAction(addMailbox, input, requestId);
}

export async function pauseSenderAction(input: unknown, requestId: string) {
  return runAction(pauseSender, input, requestId);
}

export async function removeSenderAction(input: unknown, requestId: string) {
  return runAction(removeSender, input, requestId);
}

export async function chooseForSystemMailAction(input: unknown, requestId: string) {
  return runAction(chooseForSystemMail, input, requestId);
}

/** Hands a mail over, and answers with what became of it. */
export async function sendTestMailAction(input: unknown) {
  return asViewer((actor) => sendTestMail(actor, input));
}

/** Hands an SMS over, and answers with what became of it. */
export async function sendTestSmsAction(input: unknown) {
  return asViewer((actor) => sendTestSms(actor, input));
}

/** Asks the DNS. */
export async function checkDomainAction(input: unknown, requestId: string) {
  return asViewer((actor) => checkSenderDomain(actor, input, { requestId }));
}

export async function makeKeyAction(input: unknown, requestId: string) {
  return asViewer((actor) => makeKey(actor, input, requestId));
}

/** Asks the DNS first. */
export async function beginSigningAction(input: unknown, requestId: string) {
  return asViewer((actor) => beginSigning(actor, input, { requestId }));
}

export async function setSigningAction(input: unknown, requestId: string) {
  return runAction(setSigning, input, requestId);
}

export async function setReturnAddressAction(input: unknown, requestId: string) {
  return runAction(setReturnAddress, input, requestId);
}

/** Opens the mailbox first. */
export async function saveMailboxAction(input: unknown, requestId: string) {
  return asViewer((actor) => saveMailbox(actor, input, { requestId }));
}

export async function removeMailboxAction(input: unknown, requestId: string) {
  return runAction(removeMailbox, input, requestId);
}

export async function readMailboxNowAction(input: unknown, requestId: string) {
  return runAction(readMailboxNow, input, requestId);
}

export async function clearAsideAction(input: unknown, requestId: string) {
  return runAction(clearAside, input, requestId);
}

/** Hands a mail over to the return address. */
export async function sendProbeAction(input: unknown) {
  return asViewer((actor) => sendProbe(actor, input));
}

export async function makeHookSecretAction(input: unknown, requestId: string) {
  return runAction(makeHookSecret, input, requestId);
}

export async function setTopicAction(input: unknown, requestId: string) {
  return runAction(setTopic, input, requestId);
}
