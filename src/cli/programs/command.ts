import { type Define, jsonOption } from '../define.ts'

export const definePrograms: Define = (command, choose) => {
  command
    .description('Lists the programs that ship, with the sizes that each takes, what it reads and what it writes.')
    .option(...jsonOption)
    .action(({ json }: { readonly json?: true }) =>
      choose(async (surroundings) => (await import('./list.ts')).tellPrograms(json === true, surroundings)),
    )
}
