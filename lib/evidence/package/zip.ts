/**
 * Files as a ZIP, one after another, while they are made. Behind them the hash of each (`SHA256SUMS`, as `sha256sum -c` reads
 * it) and a signature of those hashes, so that nothing of the package can be changed without a trace.
 */
import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { ZipFile } from 'yazl';

export interface PackageFile {
  readonly name: string;
  /** asked for when its turn comes */
  readonly body: () => AsyncIterable<string> | Iterable<string>;
}

export const SUMS = 'SHA256SUMS';
export const SIGNATURE = 'SHA256SUMS.sig';

/**
 * @param sign over the bytes of `SHA256SUMS`
 * @returns the ZIP as it grows; it errors where a file does
 */
export function zipped(files: readonly PackageFile[], at: Date, sign: (sums: string) => Buffer): Readable {
  const zip = new ZipFile();
  const output = Readable.from(zip.outputStream);
  const hashes: string[] = [];
  const add = (name: string, body: () => Readable): void => {
    zip.addReadStreamLazy(name, { mtime: at, compress: true }, (give) => {
      const stream = body();
      // The archive does not hear of it otherwise, and would wait.
      stream.once('error', (error) => output.destroy(error));
      give(null, stream);
    });
  };
  for (const { name, body } of files) {
    add(name, () => {
      const source = Readable.from(body(), { objectMode: false });
      const hashing = hashed(name, hashes);
      source.once('error', (error) => hashing.destroy(error));
      return source.pipe(hashing);
    });
  }
  const sums = (): string => hashes.join('');
  add(SUMS, () => Readable.from([sums()], { objectMode: false }));
  add(SIGNATURE, () => Readable.from([sign(sums())], { objectMode: false }));
  zip.end();
  return output;
}

function hashed(name: string, into: string[]): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      into.push(`${hash.digest('hex')}  ${name}\n`);
      done();
    },
  });
}
