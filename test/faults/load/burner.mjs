// A plain process that burns so much processor time a second, in one go: what a neighbour costs that does nothing else.
const share = Number(process.argv[2]);
const periodMs = 1_000;

function burn() {
  const untilMs = performance.now() + periodMs * Math.min(1, share);
  while (performance.now() < untilMs);
  setTimeout(burn, periodMs * Math.max(0, 1 - share));
}

process.on('disconnect', () => process.exit());
burn();
