/** A draft as it travels to the browser: no ids of rows, no secret, times as text. */
import type { ConsentAnswerProblem, Draft, DraftMappingFile } from '#lib/connectors/set-up/draft.ts';
import type { ConsentMode } from '#lib/microsoft/prove-consent.ts';

export interface DraftView {
  readonly id: string;
  readonly savedAt: string;
  readonly startedBy: string;
  readonly terms: { readonly version: string; readonly acceptedBy: string; readonly acceptedAt: string } | null;
  readonly login: {
    readonly accountName: string;
    readonly username: string;
    readonly registeredUsers: number;
  } | null;
  readonly mapping: {
    readonly automatic: boolean;
    readonly defaultRegion: string;
    readonly file: Omit<DraftMappingFile, 'versionId'> | null;
    readonly confirmed: boolean;
  };
  readonly consent: {
    readonly mode: ConsentMode;
    /** '' for none */
    readonly inside: string;
    readonly outside: string;
    readonly requestedAt: string | null;
    readonly provenAt: string | null;
    readonly problem: ConsentAnswerProblem | null;
  };
}

export function draftView(draft: Draft): DraftView {
  const { terms, login, mapping, consent } = draft;
  return {
    id: draft.id,
    savedAt: draft.savedAt.toISOString(),
    startedBy: draft.startedBy,
    terms: terms && {
      version: terms.version,
      acceptedBy: terms.acceptedBy,
      acceptedAt: terms.acceptedAt.toISOString(),
    },
    login: login && {
      accountName: login.accountName,
      username: login.username,
      registeredUsers: login.registeredUsers,
    },
    mapping: {
      automatic: mapping.automatic,
      defaultRegion: mapping.defaultRegion,
      file: mapping.file && {
        fileName: mapping.file.fileName,
        rowCount: mapping.file.rowCount,
        leftOutCount: mapping.file.leftOutCount,
      },
      confirmed: mapping.confirmedAt !== null,
    },
    consent: {
      mode: consent.mode,
      inside: consent.inside ?? '',
      outside: consent.outside ?? '',
      requestedAt: consent.requestedAt?.toISOString() ?? null,
      provenAt: consent.provenAt?.toISOString() ?? null,
      problem: consent.problem,
    },
  };
}
