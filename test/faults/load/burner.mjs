// A plain process that burns so much processor time a second, in one go: what a neighbour costs that does nothing else.
// It is counted in its own processor time: on a busy machine the clock runs on while it waits.
const share = Number(process.argv[2]);
const periodMs = 1_000;
/** Between two looks at whether the parent is still there. */
const sliceMs = 20;

const usedMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const startedAtMs = performance.now();
const usedBeforeMs = usedMs();

function burn() {
  const periods = Math.floor((performance.now() - startedAtMs) / periodMs) + 1;
  const dueMs = usedBeforeMs + share * periods * periodMs;
  const sliceEndMs = Math.min(dueMs, usedMs() + sliceMs);
  while (usedMs() < sliceEndMs);
  const restMs = startedAtMs + periods * periodMs - performance.now();
  setTimeout(burn, sliceEndMs < dueMs ? 0 : Math.max(0, restMs));
}

process.on('disconnect', () => process.exit());
burn();
