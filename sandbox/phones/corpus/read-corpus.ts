/**
 * Reads the NUS SMS Corpus (Chen and Kan 2013, doi 10.1007/s10579-012-9197-9) from its ZIP: one XML file with
 * `<message><text/><source><srcNumber/>…` elements. Read as a stream; only texts and authors are kept.
 */
import { createReadStream } from 'node:fs';
import { Unzip, UnzipInflate } from 'fflate';
import sax, { type SAXParser } from 'sax';

export interface CorpusMessage {
  readonly text: string;
  /** the corpus's name for who wrote it */
  readonly author: string;
}

/** Messages by their position in the file. The ids in the file are not unique, the positions are. */
export type Corpus = readonly CorpusMessage[];

export class CorpusError extends Error {
  override readonly name = 'CorpusError';
}

/**
 * Reads the first `limit` messages.
 * @throws {CorpusError} where the file cannot be read as a corpus
 */
export async function readCorpus(path: string, limit = Number.POSITIVE_INFINITY): Promise<Corpus> {
  const messages: CorpusMessage[] = [];
  const xml = messageParser((message) => {
    if (messages.length < limit) messages.push(message);
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let failure: unknown = null;
  const unzip = new Unzip((file) => {
    if (!file.name.endsWith('.xml')) return;
    file.ondata = (error, chunk, final) => {
      if (error !== null) failure = error;
      else xml.write(decoder.decode(chunk, { stream: !final }));
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    for await (const chunk of createReadStream(path)) {
      unzip.push(chunk, false);
      if (failure !== null) throw failure;
      if (messages.length >= limit) return messages;
    }
    unzip.push(new Uint8Array(0), true);
  } catch (error) {
    throw new CorpusError(`${path} cannot be read as a corpus: ${error instanceof Error ? error.message : 'unknown'}`);
  }
  if (messages.length === 0) throw new CorpusError(`${path} holds no XML file with messages`);
  return messages;
}

function messageParser(found: (message: CorpusMessage) => void): SAXParser {
  const xml = sax.parser(true, { trim: false, normalize: false });
  let field: 'text' | 'srcNumber' | null = null;
  let [text, author] = ['', ''];
  const collect = (piece: string): void => {
    if (field === 'text') text += piece;
    if (field === 'srcNumber') author += piece;
  };
  xml.onopentag = ({ name }) => {
    if (name === 'message') [text, author] = ['', ''];
    field = name === 'text' || name === 'srcNumber' ? name : null;
  };
  xml.ontext = collect;
  xml.oncdata = collect;
  xml.onclosetag = (name) => {
    field = null;
    if (name === 'message') found({ text, author });
  };
  xml.onerror = (error) => {
    throw error;
  };
  return xml;
}
