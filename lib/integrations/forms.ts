// The forms of connectors, as plain data for the browser.
import type { AnyConnector, SettingField } from './connector';
import { CONNECTORS } from './connectors';
import { initialValue } from './setting-types';

/** A connector as a person chooses it. `initial`: what a field of the form shows before anything was entered. */
export type ConnectorForm = {
  kind: string;
  name: string;
  listWords: string;
  fields: (SettingField & { initial: string })[];
  /** Of manual lists; null if it has none. */
  manual: { words: string; hint: string } | null;
};

const formOf = ({ kind, name, listWords, form, settings, manual }: AnyConnector): ConnectorForm => ({
  kind,
  name,
  listWords,
  fields: form.map((field) => ({
    ...field,
    initial: field.kind === 'secret' ? '' : initialValue(settings, field.name),
  })),
  manual: manual ? { words: manual.words, hint: manual.hint } : null,
});

/** All connectors, in the order in which they are offered. */
export const connectorForms = (): ConnectorForm[] => CONNECTORS.map(formOf);
