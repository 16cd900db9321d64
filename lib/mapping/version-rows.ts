/**
 * How the rows of a version are read. A version that adds a little to a large one has rows of the numbers that it speaks
 * of, and *rests* on the large one for all others. Whatever reads `mapping_row` by a version reads it through here.
 */

/**
 * The rows of a version, as a table of SQL with the columns of `mapping_row`. Pure: a text for a FROM.
 *
 * @param version an expression for the version's id, as `$1`
 * @param rest one for the id of the version that it rests on; by default it is looked up
 */
export function versionRows(version: string, rest: string = restOf(version)): string {
  return `(SELECT * FROM mapping_row WHERE version_id = ${version}
    UNION ALL SELECT r.* FROM mapping_row r WHERE r.version_id = ${rest}
      AND NOT EXISTS (SELECT 1 FROM mapping_row own WHERE own.version_id = ${version} AND own.number = r.number))`;
}

const restOf = (version: string): string => `(SELECT rest_version_id FROM mapping_version WHERE id = ${version})`;
