import { type CheckpointFindings, type Failure, fail, type JobHints, type Words } from '@lensgate/contracts';

/**
 * Whether a checkpoint is what its job says it is.
 * @returns why not, in words
 */
export function contradiction(findings: CheckpointFindings, hints: JobHints): Failure | undefined {
  const { task_type: found, num_classes: classCount } = findings;
  if (hints.taskType !== undefined && found !== null && found !== hints.taskType) {
    return fail('CHECKPOINT_REFUSED', {
      reason: {
        en: `The checkpoint is made for ${found}, the job for ${hints.taskType}.`,
        ko: `체크포인트의 작업 유형은 ${found}인데 학습 작업의 유형은 ${hints.taskType}입니다.`,
      },
    });
  }
  // 0 says that the job does not know its classes.
  if (hints.numClasses && classCount !== null && classCount !== hints.numClasses) {
    return fail('CHECKPOINT_REFUSED', {
      reason: {
        en: `The checkpoint has ${classCount} classes, the job ${hints.numClasses} (num_classes).`,
        ko: `체크포인트의 클래스는 ${classCount}개인데 학습 작업의 클래스는 ${hints.numClasses}개입니다(num_classes).`,
      },
    });
  }
  return undefined;
}

const nameless = {
  en: 'Neither the checkpoint nor the job names the classes: labels are numbers.',
  ko: '체크포인트에도 학습 작업에도 클래스 이름이 없습니다. 레이블은 번호입니다.',
};
const otherNames = {
  en: "The job's class names differ from the checkpoint's; the checkpoint's are used.",
  ko: '학습 작업의 클래스 이름이 체크포인트의 것과 다릅니다. 체크포인트의 이름을 사용합니다.',
};

/** What is odd without being wrong. */
export function hintWarnings(findings: CheckpointFindings, hints: JobHints): Words[] {
  const { class_names: own, num_classes: classCount } = findings;
  const given = hints.classNames;
  if (!given) return own ? [] : [nameless];
  if (own && (own.length !== given.length || own.some((name, index) => name !== given[index]))) {
    return [otherNames];
  }
  if (!own && classCount !== null && given.length !== classCount) {
    return [
      {
        en: `The job names ${given.length} classes, the checkpoint has ${classCount}.`,
        ko: `학습 작업에는 클래스 이름이 ${given.length}개인데 체크포인트의 클래스는 ${classCount}개입니다.`,
      },
    ];
  }
  return [];
}
