/** A text as one word of a POSIX shell. */
const quoted = (text: string): string =>
  /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** curl splits `-F` values at `;` and `,`; in double quotes a file's name may hold them, `"` and `\` escaped. */
const fileWord = (fileName: string): string =>
  /^[\w./-]+$/.test(fileName) ? fileName : `"${fileName.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/**
 * The request as a command to be pasted into a shell.
 * @param fields as they were sent, in order
 * @param hasKey whether a key went with it; the command reads it from the environment, so that it can be shown to others
 */
export function curlCommand(
  url: string,
  { fields, fileName, hasKey }: { fields: readonly (readonly [string, string])[]; fileName: string; hasKey: boolean },
): string {
  const key = hasKey ? ['-H "Authorization: Bearer $LENSGATE_KEY"'] : [];
  const parts = fields.map(([name, value]) => `-F ${quoted(`${name}=${value}`)}`);
  return [`curl ${quoted(url)}`, ...key, ...parts, `-F ${quoted(`file=@${fileWord(fileName)}`)}`].join(' \\\n  ');
}
