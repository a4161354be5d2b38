/** The picture that an overlay is drawn on: [height, width, 3] RGB. Drawing functions change it in place. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
