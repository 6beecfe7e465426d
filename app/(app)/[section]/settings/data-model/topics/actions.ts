'use server';
import { runAction } from '@/app/run-action';
import { createTopic, deleteTopic, updateTopic } from '@/lib/consents/topics';
import { setTopicHidden } from '@/lib/used-in/topics';

export async function createTopicAction(input: unknown, requestId: string) {
  return runAction(createTopic, input, requestId);
}

export async function updateTopicAction(input: unknown, requestId: string) {
  return runAction(updateTopic, input, requestId);
}

export async function setTopicHiddenAction(input: unknown, requestId: string) {
  return runAction(setTopicHidden, input, requestId);
}

export async function deleteTopicAction(input: unknown, requestId: string) {
  return runAction(deleteTopic, input, requestId);
}
