/** The sample pictures that the page offers. */
export type SampleName = 'coatScene' | 'bagScene' | 'bootScene' | 'ankleBoot' | 'sandal' | 'coat';
