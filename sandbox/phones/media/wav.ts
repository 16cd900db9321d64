/** Recordings: PCM in a WAV file, 8 kHz, 16 bit, mono, as a telephone line sounds. */
import { Draw } from '../../random.ts';

const RATE = 8_000;

/** A melody of `seconds`, two voices in turn like people on a line. Bytes: 44 + 16,000 a second. */
export function recordTones(variant: number, seconds: number): Buffer {
  const draw = new Draw('tones', variant);
  const samples = Math.round(seconds * RATE);
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples * 2, 40);
  const note = RATE / 4;
  let pitch = 0;
  for (let at = 0; at < samples; at += 1) {
    if (at % note === 0) pitch = (Math.floor(at / (note * 8)) % 2 === 0 ? 196 : 294) * 2 ** (draw.between(0, 9) / 12);
    const place = (at % note) / note;
    const loudness = Math.min(1, place * 12) * (1 - place) * 9_000;
    file.writeInt16LE(Math.round(loudness * Math.sin((2 * Math.PI * pitch * at) / RATE)), 44 + at * 2);
  }
  return file;
}
