import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { tellDoctor } from './doctor.ts'

/** Adds `paritas doctor` to the command. */
export function addDoctor(
  paritas: Command,
  surroundings: Surroundings,
  choose: (task: () => Promise<void>) => void,
): void {
  paritas
    .command('doctor')
    .summary('say what this machine offers, and what would make runs faster')
    .description('Looks at this machine: what Paritas will use of it, what it lacks, and what to do for more.')
    .option('--json', 'print one JSON object as the last line; all else goes to stderr')
    .action(({ json }: { readonly json?: true }) => choose(async () => tellDoctor(json === true, surroundings)))
}
