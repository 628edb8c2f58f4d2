/** Where the command begins. Nothing else is run before it is known that it can run at all. */
import { obstacle } from '../machine/limits/before-start.ts'

const problem = obstacle()
if (problem === null) {
  void import('./main.ts').then(({ main }) => main())
} else {
  process.stderr.write(`paritas: ${problem}\n`)
  process.exitCode = 1
}
