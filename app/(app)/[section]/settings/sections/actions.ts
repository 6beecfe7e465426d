'use server';
import { runAction } from '@/app/run-action';
import { addSection, editSection } from '@/lib/accounts/sections';

export async function addSectionAction(input: unknown, requestId: string) {
  return runAction(addSection, input, requestId);
}

export async function editSectionAction(input: unknown, requestId: string) {
  return runAction(editSection, input, requestId);
}
