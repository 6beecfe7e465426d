// XML from CRMs: what is read, written again, and refused.
import { describe, expect, it } from 'vitest';
import { parseXml, textIn, writeXml } from './xml';

describe('XML', () => {
  it('is read and written again with everything escaped', () => {
    const text = `<fetch a="1 &lt; 2 &quot;x&quot;"><condition value="O&apos;Brien &amp; Søn"/><value>a &gt; b</value></fetch>`;
    expect(writeXml(parseXml(text))).toBe(text);
    expect(parseXml('\uFEFF<?xml version="1.0"?><a><![CDATA[<b>]]></a>')).toEqual({
      name: 'a',
      attributes: {},
      children: ['<b>'],
    });
  });

  it.each([
    ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', /!DOCTYPE is not accepted/],
    ['<!DOCTYPE a SYSTEM "http://elsewhere.example/a.dtd"><a/>', /!DOCTYPE is not accepted/],
    ['<?xml-stylesheet href="http://elsewhere.example/"?><a/>', /xml-stylesheet is not accepted/],
    ['<a><b></a>', /<b> is not closed/],
    ['<a><b/>', /<a> is not closed/],
    ['<a><b></b', /<b> is not closed/],
    ['<a/><b/>', /exactly one root/],
    ['text', /exactly one root/],
    ['', /exactly one root/],
    ['<a>'.repeat(200) + '</a>'.repeat(200), /nested more than 100 deep/],
  ])('%j is refused', (text, words) => {
    expect(() => parseXml(text)).toThrow(words);
  });

  it('does not know entities of a document’s own', () => {
    expect(textIn(parseXml('<a>&x;</a>'))).toBe('&x;');
  });
});
