'use server';
import { runAction } from '@/app/run-action';
import { createSegment, updateSegment } from '@/lib/segments/commands';
import { deleteSegment } from '@/lib/used-in/commands';

export async function createSegmentAction(input: unknown, requestId: string) {
  return runAction(createSegment, input, requestId);
}

export async function updateSegmentAction(input: unknown, requestId: string) {
  return runAction(updateSegment, input, requestId);
}

export async function deleteSegmentAction(input: unknown, requestId: string) {
  return runAction(deleteSegment, input, requestId);
}
