import { useEffect, useRef, useState } from 'react';
import { hasBoxes } from './api/inference-fields.js';
import { ConfidenceSlider } from './components/confidence-slider.js';
import { EmptyResult } from './components/empty-result.js';
import { ErrorBoundary } from './components/error-boundary.js';
import { JobSelect } from './components/job-select.js';
import { PageHeader } from './components/page-header.js';
import { PictureInput } from './components/picture-input.js';
import { ResultPanel } from './components/result-panel.js';
import { useDroppedPicture } from './hooks/use-dropped-picture.js';
import { useJobs } from './hooks/use-jobs.js';
import { useKeptFocus } from './hooks/use-kept-focus.js';
import { useTexts } from './hooks/use-language.js';
import { usePicture } from './hooks/use-picture.js';
import { confidenceDefault } from './logic/shown-boxes.js';
import { samplesFor } from './samples.js';

/** As in the stylesheet. */
const oneColumn = '(max-width: 860px)';

export function App() {
  const texts = useTexts();
  const jobs = useJobs();
  const job = jobs.chosen;
  const picture = usePicture();
  const { file } = picture;
  const [threshold, setThreshold] = useState(confidenceDefault);
  const isOver = useDroppedPicture(picture.take);
  const controls = useRef<HTMLElement>(null);
  const result = useRef<HTMLElement>(null);
  useKeptFocus(controls);
  useKeptFocus(result);
  useEffect(() => {
    // Where the result stands below the controls, a new picture leads to it.
    if (file && window.matchMedia(oneColumn).matches) result.current?.scrollIntoView();
  }, [file]);
  return (
    <>
      <PageHeader />
      <main className="layout">
        <section className="card controls" ref={controls} tabIndex={-1} aria-label={texts.controls}>
          <JobSelect jobs={jobs} />
          <PictureInput picture={picture} isOver={isOver} samples={samplesFor(job)} />
          {job && hasBoxes(job) && <ConfidenceSlider threshold={threshold} onThreshold={setThreshold} />}
        </section>
        <section
          className={file ? 'card result chosen' : 'card result'}
          ref={result}
          tabIndex={-1}
          aria-labelledby="result"
        >
          <h2 className="hidden" id="result">
            {texts.result}
          </h2>
          {file && job ? (
            <ErrorBoundary of={[file, job]}>
              <ResultPanel file={file} job={job} threshold={threshold} onThreshold={setThreshold} />
            </ErrorBoundary>
          ) : (
            <EmptyResult file={file} />
          )}
        </section>
      </main>
    </>
  );
}
