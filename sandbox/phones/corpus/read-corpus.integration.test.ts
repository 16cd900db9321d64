import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CorpusError, readCorpus } from './read-corpus.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corpus-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function zipped(xml: string, name = 'corpus.xml'): Promise<string> {
  const unique = createHash('sha256').update(xml).digest('hex').slice(0, 8);
  return written(`${unique}.zip`, zipSync({ [name]: strToU8(xml) }));
}

const message = (text: string, author: string) =>
  `<message id="7"><text>${text}</text><source><srcNumber>${author}</srcNumber></source><destination country="x"/></message>`;

describe('reading a corpus', () => {
  it('keeps every character of a text', async () => {
    const path = await zipped(
      `<smsCorpus>\n${message(' two  spaces &amp; a&#13;\nline ü 🙂 ', 'a')}${message('', 'b')}\n</smsCorpus>`,
    );
    expect(await readCorpus(path)).toEqual([
      { text: ' two  spaces & a\r\nline ü 🙂 ', author: 'a' },
      { text: '', author: 'b' },
    ]);
  });

  it('reads only as many as are asked for', async () => {
    const path = await zipped(
      `<smsCorpus>${message('one', 'a')}${message('two', 'a')}${message('three', 'a')}</smsCorpus>`,
    );
    expect((await readCorpus(path, 2)).map((one) => one.text)).toEqual(['one', 'two']);
  });

  it.each([
    ['no such file', () => Promise.resolve(join(folder, 'missing.zip'))],
    ['not a ZIP', () => written('text.zip', 'hello')],
    ['broken XML', () => zipped('<smsCorpus><message></smsCorpus>')],
    ['no message in it', () => zipped('<smsCorpus/>')],
    ['no XML in it', () => zipped('hello', 'readme.txt')],
  ])('refuses %s', async (_name, path) => {
    await expect(readCorpus(await path())).rejects.toThrow(CorpusError);
  });
});

const nus = resolve('../shared/data/nus-sms-corpus/smsCorpus_en_xml_2015.03.09_all.zip');

describe('the NUS SMS Corpus', () => {
  it('is read whole', async ({ skip }) => {
    if (!existsSync(nus)) skip(`${nus} is not there`);
    const corpus = await readCorpus(nus);
    expect(corpus).toHaveLength(55_835);
    expect(corpus[0]?.text).toBe('Bugis oso near wat...');
    expect(corpus.filter((one) => one.text.includes('\n')).length).toBe(39);
    expect(corpus.filter((one) => / {2}/.test(one.text)).length).toBe(4_208);
  });
});
