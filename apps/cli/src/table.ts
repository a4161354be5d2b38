/** Columns a text takes in a terminal: Hangul, Han and kana take two. */
const widthOf = (text: string): number =>
  [...text].reduce(
    (width, letter) =>
      width + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u.test(letter) ? 2 : 1),
    0,
  );

/** Names come from others: what a terminal would obey is not passed on to it. */
const printable = (text: string): string => text.replaceAll(/\p{C}/gu, '�');

/**
 * Lines of a table, columns two spaces apart.
 * @param rows the first is the heading; all have the same number of cells
 */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  return cells
    .map((row) => row.map((cell, column) => cell + ' '.repeat((widths?.[column] ?? 0) - widthOf(cell))).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
