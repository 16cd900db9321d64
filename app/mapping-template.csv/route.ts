import { mappingTemplate } from '#lib/mapping/write-csv.ts';

export const dynamic = 'force-static';

/** "Download CSV mapping template". */
export function GET(): Response {
  return new Response(mappingTemplate(), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="mapping-template.csv"',
    },
  });
}
