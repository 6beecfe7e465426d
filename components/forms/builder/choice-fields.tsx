'use client';
// The answers of a question that people choose from, each with the tags that it gives.
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useRef, type KeyboardEvent } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import type { Choice, Input } from '@/lib/forms/schema';
import { useBuilder } from './builder-context';
import { useSet } from './use-set';
import { newChoice } from './new-elements';
import { TagsField } from '@/components/tags/tags-field';

const CHOICES_MAX = 200;

export function ChoiceFields({ input }: { input: Input }) {
  const { slug, attributes } = useBuilder();
  const set = useSet(input);
  const list = useRef<HTMLOListElement>(null);
  const { choices } = input;
  const attribute = attributes.find(({ id }) => id === input.attributeId);
  const isFixed = attribute?.type === 'choice';
  const change = (at: number, part: Partial<Choice>, what?: string) =>
    set({ choices: choices.map((choice, index) => (index === at ? { ...choice, ...part } : choice)) }, what);
  const focus = (at: number) =>
    setTimeout(() => list.current?.querySelectorAll<HTMLInputElement>('[data-choice] input')[at]?.focus());

  function add(at: number, values = ['']) {
    const room = CHOICES_MAX - choices.length;
    const added = values.slice(0, room).map(newChoice);
    set({ choices: choices.toSpliced(at, 0, ...added) });
    focus(at + added.length - 1);
  }
  function remove(at: number) {
    set({ choices: choices.toSpliced(at, 1) });
    focus(Math.max(0, at - 1));
  }
  function move(at: number, by: -1 | 1) {
    const moved = choices[at];
    if (!moved || !choices[at + by]) return;
    set({ choices: choices.toSpliced(at, 1).toSpliced(at + by, 0, moved) });
    focus(at + by);
  }
  function onKeyDown(event: KeyboardEvent, at: number) {
    const { key, altKey, target } = event;
    if (!(target instanceof HTMLInputElement) || event.nativeEvent.isComposing || event.ctrlKey || event.metaKey)
      return;
    if (altKey && key === 'ArrowUp') move(at, -1);
    else if (altKey && key === 'ArrowDown') move(at, 1);
    else if (key === 'Enter') add(at + 1);
    else if (key === 'Backspace' && target.value === '' && choices.length > 1) remove(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="text-[13px] font-medium">Answers</legend>
      {isFixed && (
        <p className="text-muted text-[13px]">
          These are choices of “{attribute.name}”. What people read may be said in other words.
        </p>
      )}
      <ol ref={list} className="flex flex-col gap-2">
        {choices.map((choice, at) => (
          <li key={at} className="border-line flex flex-col gap-1 border-b pb-2 last:border-b-0">
            <div className="flex items-center gap-1">
              <div
                data-choice
                className="min-w-0 flex-1"
                onKeyDown={(event) => onKeyDown(event, at)}
                // One answer a line, from a list that somebody has.
                onPaste={(event) => {
                  const lines = event.clipboardData
                    .getData('text')
                    .split(/\r?\n/)
                    .map((line) => line.trim().slice(0, 200))
                    .filter(Boolean);
                  if (lines.length < 2 || isFixed) return;
                  event.preventDefault();
                  add(choice.value === '' ? at : at + 1, lines);
                }}
              >
                <TextField
                  label={isFixed ? `Words for “${choice.value}”` : `Answer ${at + 1}`}
                  hideLabel
                  maxLength={200}
                  placeholder={isFixed ? choice.value : `Answer ${at + 1}`}
                  value={isFixed ? choice.label : choice.value}
                  onChange={(text) =>
                    isFixed
                      ? change(at, { label: text }, `choice ${at}`)
                      : change(at, { value: text, label: '' }, `choice ${at}`)
                  }
                />
              </div>
              <IconButton label={`Move answer ${at + 1} up`} isDisabled={at === 0} onPress={() => move(at, -1)}>
                <ArrowUp aria-hidden className="size-4" />
              </IconButton>
              <IconButton
                label={`Move answer ${at + 1} down`}
                isDisabled={at === choices.length - 1}
                onPress={() => move(at, 1)}
              >
                <ArrowDown aria-hidden className="size-4" />
              </IconButton>
              <IconButton label={`Remove answer ${at + 1}`} onPress={() => remove(at)}>
                <Trash2 aria-hidden className="size-4" />
              </IconButton>
            </div>
            <TagsField
              slug={slug}
              label={`Tags by “${choice.label || choice.value || `answer ${at + 1}`}”`}
              add="Tag by this answer"
              tagIds={choice.tagIds}
              onChange={(tagIds) => change(at, { tagIds })}
            />
          </li>
        ))}
      </ol>
      {!isFixed && choices.length < CHOICES_MAX && (
        <div>
          <Button size="small" onPress={() => add(choices.length)}>
            <Plus aria-hidden className="size-4" /> Add an answer
          </Button>
          <span className="text-muted ml-2 text-[13px]">Or paste a list: one answer a line.</span>
        </div>
      )}
      {isFixed && choices.length < attribute.choices.length && (
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-muted text-[13px]">Not asked for:</span>
          {attribute.choices
            .filter((value) => !choices.some((choice) => choice.value === value))
            .map((value) => (
              <Button key={value} size="small" onPress={() => add(choices.length, [value])}>
                <Plus aria-hidden className="size-3.5" /> {value}
              </Button>
            ))}
        </div>
      )}
    </fieldset>
  );
}
