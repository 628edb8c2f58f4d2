import type { CommandEntry } from './define.ts'

/** In the order in which they are listed. */
export const commandEntries: readonly CommandEntry[] = [
  {
    ...{ name: 'run', terms: '[options] <program>', summary: 'run a program that ships, or one of your own' },
    load: async () => (await import('./run/command.ts')).defineRun,
  },
  {
    ...{ name: 'resume', terms: '[options] <dir>', summary: 'go on with a run from its checkpoints on disk' },
    load: async () => (await import('./run/resume-command.ts')).defineResume,
  },
  {
    name: 'test',
    terms: '[options] <program>',
    summary: 'find out whether a program gives the same when processes are lost',
    load: async () => (await import('./test/command.ts')).defineTest,
  },
  {
    ...{ name: 'programs', terms: '[options]', summary: 'list the programs that ship, with their sizes' },
    load: async () => (await import('./programs/command.ts')).definePrograms,
  },
  {
    ...{ name: 'interval', terms: '[options]', summary: 'say how often to checkpoint, and what that costs' },
    load: async () => (await import('./interval/command.ts')).defineInterval,
  },
  {
    ...{
      name: 'plan',
      terms: '[options] [program]',
      summary: 'say where on hosts a run would be, and what it survives',
    },
    load: async () => (await import('./plan/command.ts')).definePlan,
  },
  {
    ...{ name: 'daemon', terms: '[options]', summary: 'let this computer be one of several that runs are on' },
    load: async () => (await import('./daemon/command.ts')).defineDaemon,
  },
  {
    name: 'measure',
    terms: '[options]',
    summary: 'measure what checkpoints and recoveries cost on this machine',
    load: async () => (await import('./measure/command.ts')).defineMeasure,
  },
  {
    ...{ name: 'evaluate', terms: '[options]', summary: 'compare the schemes on real applications' },
    load: async () => (await import('./evaluate/command.ts')).defineEvaluate,
  },
  {
    name: 'doctor',
    terms: '[options]',
    summary: 'say what this machine offers, and what would make runs faster',
    load: async () => (await import('./doctor/command.ts')).defineDoctor,
  },
  {
    ...{
      name: 'lab',
      terms: '[options] [command...]',
      summary: 'make hosts on this computer, and lose and cut them off',
    },
    load: async () => (await import('./lab/command.ts')).defineLab,
  },
  {
    ...{ name: 'explore', terms: '[options]', summary: 'try to break the protocol, in simulated machines' },
    load: async () => (await import('./explore/command.ts')).defineExplore,
  },
  {
    ...{ name: 'trace', terms: '', summary: 'draw what happened in a run, or in a scenario' },
    load: async () => (await import('./trace/command.ts')).defineTrace,
  },
  {
    ...{ name: 'completion', terms: '<shell>', summary: 'print what completes paritas in bash, zsh or fish' },
    load: async () => (await import('./completion/command.ts')).defineCompletion(commandEntries),
  },
]
