import { describe, expect, it } from 'vitest';
import { catalogue, findKind, searchCatalogue } from './catalogue.ts';

describe('the catalogue', () => {
  it('holds the whole family, each with a slug, a folder and a message class of its own', () => {
    expect(catalogue).toHaveLength(12);
    for (const key of ['slug', 'name', 'folder'] as const) {
      expect(new Set(catalogue.map((kind) => kind[key])).size).toBe(catalogue.length);
    }
    expect(new Set(catalogue.map(({ mail }) => mail.messageClass)).size).toBe(catalogue.length);
  });

  it('takes the slug as the kind of archive at TeleMessage, whose pattern it must fit', () => {
    for (const { slug } of catalogue) expect(slug).toMatch(/^[a-z0-9-]{2,40}$/);
  });

  it('knows Android Archiver as its documentation does', () => {
    const android = findKind('android-archiver');
    expect(android?.folder).toBe('Android Archiver');
    expect(android?.mail.messageClass).toBe('IPM.ExternalData.AndroidArchiver');
    expect(android?.summary).toBe("SMS, MMS, voice calls and call logs from employees' Android phones.");
  });

  it('keeps the folder names of the networks, which content searches of today look for', () => {
    expect(findKind('att-network')?.folder).toBe('AT&T SMS/MMS Network Archiver');
    expect(findKind('o2-network')?.folder).toBe('O2 SMS and Voice Network Archiver');
  });
});

describe('searchCatalogue', () => {
  const slugs = (search: string, imports: Parameters<typeof searchCatalogue>[1] = null) =>
    searchCatalogue(search, imports).map(({ slug }) => slug);

  it('gives everything for nothing', () => {
    expect(slugs('  ')).toHaveLength(catalogue.length);
  });

  it('finds by every word, in any case, in name or what is imported', () => {
    expect(slugs('ANDROID')).toEqual(['android-archiver']);
    expect(slugs('voice o2')).toEqual(['o2-network']);
    expect(slugs('fax')).toEqual([]);
  });

  it('filters by item type', () => {
    expect(slugs('', 'Call recordings')).toEqual(['enterprise-number-archiver']);
    expect(slugs('network', 'Voice calls')).toEqual(['o2-network']);
  });
});
