import { type Define, jsonOption } from '../define.ts'

export const defineDoctor: Define = (command, choose) => {
  command
    .description('Looks at this machine: what Paritas will use of it, what it lacks, and what to do for more.')
    .option(...jsonOption)
    .action(({ json }: { readonly json?: true }) =>
      choose(async (surroundings) => (await import('./doctor.ts')).tellDoctor(json === true, surroundings)),
    )
}
