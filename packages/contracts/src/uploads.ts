import { z } from 'zod';
import { fieldWords } from './field-words.js';
import { emptyAsAbsent } from './wire-values.js';

/** Goes into logs and paths: short and plain. */
export const SessionId = z
  .string()
  .regex(/^[\w-]{1,64}$/, { error: fieldWords.sessionId.en })
  .meta({ description: 'Pictures of one session are removed together.' });

/** Fields of an upload of a picture. */
export const UploadImageFields = z
  .object({ session_id: emptyAsAbsent(SessionId.optional()) })
  .meta({ id: 'UploadImageFields' });

export const UploadedImage = z
  .object({
    server_path: z.string().meta({ description: 'The handle: name it as `image_path`. Whoever has it can use it.' }),
    filename: z.string().meta({ description: "The client's own file name." }),
    session_id: z.string().meta({ description: 'The session that the picture is of; a new one unless it was named.' }),
  })
  .meta({ id: 'UploadedImage' });
export type UploadedImage = z.infer<typeof UploadedImage>;

export const CleanedSession = z
  .object({
    status: z.enum(['cleaned', 'not_found']).meta({ description: 'not_found: there was nothing of this session.' }),
    session_id: z.string().meta({ description: 'The session that was asked for.' }),
  })
  .meta({ id: 'CleanedSession' });
