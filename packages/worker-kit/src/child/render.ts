import { renderClasses } from './render-classes.js';
import { renderDetections } from './render-detections.js';
import { renderInstances } from './render-instances.js';
import type { RenderInput, Rendering } from './rendering.js';

/** The answer as the wire has it, and the pictures that go with it, drawn but not encoded. */
export function renderAnswer({ answer, ...input }: RenderInput): Rendering {
  switch (answer.kind) {
    case 'detections':
      return renderDetections({ answer, ...input });
    case 'instances':
      return renderInstances({ answer, ...input });
    case 'classes':
      return renderClasses({ answer, ...input });
  }
}
