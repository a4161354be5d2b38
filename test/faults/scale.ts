const numberOf = (name: string, otherwise: number): number => {
  const value = Number(process.env[name] ?? otherwise);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} is not a whole number`);
  return value;
};

/** How much is done; `npm run test:faults` sets these for its sizes. */
export const scale = {
  /** Mutated inputs. */
  inputs: numberOf('FAULTS_COUNT', 2_000),
  /** Rounds of each kind of kill. */
  rounds: numberOf('FAULTS_ROUNDS', 6),
  /** How long a rush lasts, s. */
  seconds: numberOf('FAULTS_SECONDS', 12),
  /** Every choice of a run follows from it. */
  seed: numberOf('FAULTS_SEED', 1),
  /** Mutated inputs end after this time, whatever their number. */
  inputsMsMax: numberOf('FAULTS_MS', 900_000),
};
