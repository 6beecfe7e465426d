'use server';
import { publicOrigin } from '@/app/public-origin';
import { asViewer, runAction } from '@/app/run-action';
import { keepLists, pauseList, setOptions } from '@/lib/integrations/commands';
import { removeConnectionAndHook, switchHookOff, switchHookOn } from '@/lib/integrations/hook-commands';
import { connectMadeUpCrm } from '@/lib/integrations/made-up';
import { answerHeld, applyDryRun, cancelSync, startSync } from '@/lib/integrations/run-commands';
import {
  chooseTag,
  followName,
  leaveList,
  pauseConnection,
  relinkList,
  setAddOnly,
  setStartsFlows,
} from '@/lib/integrations/manage';

/** For visitors of a demo installation, which has such a CRM. */
export async function connectMadeUpCrmAction(input: unknown, requestId: string) {
  return asViewer((actor) => connectMadeUpCrm(actor, input, { requestId }));
}

export async function keepListsAction(input: unknown, requestId: string) {
  return runAction(keepLists, input, requestId);
}

export async function pauseListAction(input: unknown, requestId: string) {
  return runAction(pauseList, input, requestId);
}

export async function setStartsFlowsAction(input: unknown, requestId: string) {
  return runAction(setStartsFlows, input, requestId);
}

export async function setAddOnlyAction(input: unknown, requestId: string) {
  return runAction(setAddOnly, input, requestId);
}

export async function followNameAction(input: unknown, requestId: string) {
  return runAction(followName, input, requestId);
}

export async function relinkListAction(input: unknown, requestId: string) {
  return runAction(relinkList, input, requestId);
}

export async function chooseTagAction(input: unknown, requestId: string) {
  return runAction(chooseTag, input, requestId);
}

export async function leaveListAction(input: unknown, requestId: string) {
  return runAction(leaveList, input, requestId);
}

export async function startSyncAction(input: unknown, requestId: string) {
  return runAction(startSync, input, requestId);
}

export async function cancelSyncAction(input: unknown, requestId: string) {
  return runAction(cancelSync, input, requestId);
}

export async function applyDryRunAction(input: unknown, requestId: string) {
  return runAction(applyDryRun, input, requestId);
}

export async function answerHeldAction(input: unknown, requestId: string) {
  return runAction(answerHeld, input, requestId);
}

export async function setOptionsAction(input: unknown, requestId: string) {
  return runAction(setOptions, input, requestId);
}

export async function pauseConnectionAction(input: unknown, requestId: string) {
  return runAction(pauseConnection, input, requestId);
}

/** Asks the CRM to forget its webhooks, and does not fail if it does not answer. */
export async function removeConnectionAction(input: unknown, requestId: string) {
  return asViewer((actor) => removeConnectionAndHook(actor, input, { requestId }));
}

/** Asks the CRM. Sending it twice makes another address. */
export async function switchHookOnAction(input: unknown) {
  const origin = await publicOrigin();
  return asViewer((actor) => switchHookOn(actor, input, { origin }));
}

export async function switchHookOffAction(input: unknown) {
  return asViewer((actor) => switchHookOff(actor, input));
}
