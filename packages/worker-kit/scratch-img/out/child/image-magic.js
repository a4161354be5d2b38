/** The first bytes as a string of one character each, which patterns are written against. */
export function headText(bytes, length) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, length)).toString('latin1');
}
/** Whether the text starts with the pattern, where `?` stands for any one byte. */
export function startsLike(text, pattern) {
    if (text.length < pattern.length)
        return false;
    for (let at = 0; at < pattern.length; at++) {
        if (pattern[at] !== '?' && pattern[at] !== text[at])
            return false;
    }
    return true;
}
