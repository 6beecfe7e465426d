'use server';
import { runAction } from '@/app/run-action';
import { copyFlow, createFlow, deleteFlow, renameFlow, saveFlow } from '@/lib/flows/commands';
import { enterFlow, settleKept, takeOutOfFlow, tryAgainInFlow } from '@/lib/flows/people-commands';
import { moveOlderVersions } from '@/lib/flows/older-versions';
import { pauseFlow, publishFlow, resumeFlow, saveFlowSettings, stopFlow } from '@/lib/flows/publish';

export async function createFlowAction(input: unknown, requestId: string) {
  return runAction(createFlow, input, requestId);
}

export async function saveFlowAction(input: unknown, requestId: string) {
  return runAction(saveFlow, input, requestId);
}

export async function renameFlowAction(input: unknown, requestId: string) {
  return runAction(renameFlow, input, requestId);
}

export async function saveFlowSettingsAction(input: unknown, requestId: string) {
  return runAction(saveFlowSettings, input, requestId);
}

export async function publishFlowAction(input: unknown, requestId: string) {
  return runAction(publishFlow, input, requestId);
}

export async function moveOlderVersionsAction(input: unknown, requestId: string) {
  return runAction(moveOlderVersions, input, requestId);
}

export async function pauseFlowAction(input: unknown, requestId: string) {
  return runAction(pauseFlow, input, requestId);
}

export async function resumeFlowAction(input: unknown, requestId: string) {
  return runAction(resumeFlow, input, requestId);
}

export async function stopFlowAction(input: unknown, requestId: string) {
  return runAction(stopFlow, input, requestId);
}

export async function copyFlowAction(input: unknown, requestId: string) {
  return runAction(copyFlow, input, requestId);
}

export async function deleteFlowAction(input: unknown, requestId: string) {
  return runAction(deleteFlow, input, requestId);
}

export async function enterFlowAction(input: unknown, requestId: string) {
  return runAction(enterFlow, input, requestId);
}

export async function takeOutOfFlowAction(input: unknown, requestId: string) {
  return runAction(takeOutOfFlow, input, requestId);
}

export async function tryAgainInFlowAction(input: unknown, requestId: string) {
  return runAction(tryAgainInFlow, input, requestId);
}

export async function settleKeptAction(input: unknown, requestId: string) {
  return runAction(settleKept, input, requestId);
}
