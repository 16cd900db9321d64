/**
 * The form in which conversations are written. A script is a conversation over three days; each scene is what is said
 * on one of them. `{name}` in a line is filled with a value that stays the same through all three scenes.
 */
export type MediaKind = 'photo' | 'chart' | 'voice' | 'pdf' | 'vcard' | 'video';

export interface Line {
  /** 0 is the owner of the archived phone, 1 the other one; in a group 2 and 3 are further members */
  readonly speaker: number;
  readonly text: string;
  readonly media: MediaKind | null;
}

export type Scene = readonly [Line, ...Line[]];

export interface Script {
  readonly topic: string;
  readonly scenes: readonly [Scene, Scene, Scene];
}

const said =
  (speaker: number) =>
  (text: string, media: MediaKind | null = null): Line => ({ speaker, text, media });

export const me = said(0);
export const you = said(1);
export const third = said(2);
export const fourth = said(3);

export function script(topic: string, first: Scene, second: Scene, last: Scene): Script {
  return { topic, scenes: [first, second, last] };
}

/** Replaces every `{name}` that `values` knows; what it does not know stays as it is written. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
