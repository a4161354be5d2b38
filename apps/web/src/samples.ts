import type { TrainingJob } from '@lensgate/contracts';
import type { SampleName } from './logic/sample-name.js';
import ankleBoot from './samples/ankle-boot.png';
import coat from './samples/coat.png';
import sandal from './samples/sandal.png';
import bagScene from './samples/scene-1000.png';
import bootScene from './samples/scene-1002.png';
import coatScene from './samples/scene-1006.png';

export interface Sample {
  readonly name: SampleName;
  readonly url: string;
  readonly fileName: string;
}

const scenes: readonly Sample[] = [
  { name: 'coatScene', url: coatScene, fileName: 'scene-1006.png' },
  { name: 'bagScene', url: bagScene, fileName: 'scene-1000.png' },
  { name: 'bootScene', url: bootScene, fileName: 'scene-1002.png' },
];
const garments: readonly Sample[] = [
  { name: 'ankleBoot', url: ankleBoot, fileName: 'ankle-boot.png' },
  { name: 'sandal', url: sandal, fileName: 'sandal.png' },
  { name: 'coat', url: coat, fileName: 'coat.png' },
];

/** Pictures of several things, or of one where the whole picture gets one label. */
export const samplesFor = (job: TrainingJob | undefined): readonly Sample[] =>
  job?.task_type === 'image_classification' ? garments : scenes;

export async function fetchSample({ url, fileName }: Sample, signal: AbortSignal): Promise<File> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new File([await response.blob()], fileName, { type: 'image/png' });
}
