import type { ChildResult, InferenceOptions, PictureField, Words } from '@lensgate/contracts';
import type { Size } from '@lensgate/vision';
import type { Answer } from './answer.js';
import type { Canvas } from './canvas.js';

export interface RenderInput<A extends Answer = Answer> {
  /** The picture's size: its pixels are freed by then. */
  readonly image: Size;
  /** What the overlay is drawn on, where one is wanted. */
  readonly canvas: Canvas | undefined;
  readonly answer: A;
  readonly options: InferenceOptions;
  readonly warnings: readonly Words[];
  /** Every class of the checkpoint, where they have names: colours follow from all of them. */
  readonly classNames: readonly string[] | null;
}

/** A picture of an answer that is still to be encoded: out of what was drawn, not of the picture that came in. */
export interface Picture {
  readonly field: PictureField;
  encode(): Promise<Uint8Array>;
}

export interface Rendering {
  readonly result: ChildResult;
  readonly pictures: readonly Picture[];
}

/** What every task's result begins with. */
export const sizedFields = ({ image, warnings }: Pick<RenderInput, 'image' | 'warnings'>) => ({
  image_width: image.width,
  image_height: image.height,
  warnings: [...warnings],
});
