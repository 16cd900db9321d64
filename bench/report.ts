/** How benchmarks print: a row for each measurement, each with its ratio to the first one of the same run. */

export interface Measured {
  readonly name: string;
  /** what was counted in a second */
  readonly perSecond: number;
  /** further figures, in the order of the columns */
  readonly more?: Readonly<Record<string, string>>;
}

/** Times differ from machine to machine and from minute to minute: only the ratios of one run say something. */
export function report(title: string, unit: string, rows: readonly Measured[]): void {
  const [first] = rows;
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        row.name,
        {
          [`${unit}/s`]: Math.round(row.perSecond).toLocaleString('en'),
          ratio: first ? (row.perSecond / first.perSecond).toFixed(3) : '',
          ...row.more,
        },
      ]),
    ),
  );
}
