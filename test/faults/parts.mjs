/** Groups of the report's rows, in its order. */
export const parts = /** @type {const} */ ({
  input: 'Hostile input',
  children: 'Children that misbehave',
  kills: 'Kills and restarts',
  load: 'Load',
  surroundings: 'Database, workers, disk and clock',
});
