/** Bare Base64 to bytes. */
export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** Lets the browser save content under a name. */
export function saveFile(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Revoked at once, some browsers would save nothing.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** `photo.final.jpg` and `overlay.png` → `photo.final-overlay.png`. */
export const savedName = (fileName: string, ending: string): string =>
  `${fileName.replace(/\.[^.]{1,5}$/, '') || 'picture'}-${ending}`;
