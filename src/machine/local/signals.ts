/** Time for a launcher that was told to end, too, to end its processes. */
const launcherEndsMs = 500

/**
 * Ctrl-C, the end of a terminal and service managers reach the whole group of processes, and the launcher decides what that
 * means. A process that was told to end by itself is an ordinary loss.
 */
export function leaveSignalsToLauncher(): void {
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {})
  process.on('SIGTERM', () => setTimeout(() => process.exit(143), launcherEndsMs))
}
