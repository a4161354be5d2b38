import type { TrainingJob } from '@lensgate/contracts';
import type { Jobs } from '../hooks/use-jobs.js';
import { useTexts } from '../hooks/use-language.js';
import { ErrorBoundary } from './error-boundary.js';
import { FailureNote } from './failure-note.js';

export function JobSelect({ jobs }: { jobs: Jobs }) {
  const texts = useTexts();
  const { answer, chosen, missingId } = jobs;
  if (answer?.kind === 'failed') return <FailureNote failure={answer.failure} onRepeat={jobs.repeat} />;
  if (answer?.jobs.length === 0) return <p className="note">{texts.jobsNone}</p>;
  return (
    <div className="field">
      <label htmlFor="job">{texts.job}</label>
      <select
        id="job"
        value={chosen?.id ?? ''}
        disabled={!answer}
        onChange={({ target }) => jobs.choose(Number(target.value))}
      >
        {!chosen && <option value="">{answer ? '' : texts.jobsLoading}</option>}
        {answer?.jobs.map((job) => (
          <option key={job.id} value={job.id}>
            {`#${job.id} ${job.name} · ${texts.task[job.task_type] ?? job.task_type}`}
          </option>
        ))}
      </select>
      {missingId !== undefined && <p className="note warning">{texts.jobMissing(missingId)}</p>}
      {chosen && (
        <ErrorBoundary of={[chosen]}>
          <JobFacts job={chosen} />
        </ErrorBoundary>
      )}
    </div>
  );
}

function JobFacts({ job }: { job: TrainingJob }) {
  const texts = useTexts();
  return (
    <ul className="chips">
      <li>{texts.task[job.task_type] ?? job.task_type}</li>
      {job.framework && <li>{job.framework}</li>}
      {job.num_classes > 0 && <li>{texts.classCount(job.num_classes)}</li>}
      <li>{texts.jobStatus[job.status]}</li>
    </ul>
  );
}
