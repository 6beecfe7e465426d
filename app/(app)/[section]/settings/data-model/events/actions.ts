'use server';
import { runAction } from '@/app/run-action';
import { createEventType, setEventTypeHidden, updateEventType } from '@/lib/events/commands';

export async function createEventTypeAction(input: unknown, requestId: string) {
  return runAction(createEventType, input, requestId);
}

export async function updateEventTypeAction(input: unknown, requestId: string) {
  return runAction(updateEventType, input, requestId);
}

export async function setEventTypeHiddenAction(input: unknown, requestId: string) {
  return runAction(setEventTypeHidden, input, requestId);
}
