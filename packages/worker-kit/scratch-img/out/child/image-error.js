/** A picture that cannot be used. The message is a sentence for the person who sent it: no path, no decoder's jargon. */
export class ImageError extends Error {
    code;
    details;
    name = 'ImageError';
    constructor(code, message, details = {}) {
        super(message);
        this.code = code;
        this.details = details;
    }
}
