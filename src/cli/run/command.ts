import { type Define, gather, jsonOption } from '../define.ts'
import type { TypedOptions } from './arguments.ts'
import { defaults } from './defaults.ts'

export const defineRun: Define = (command, choose) => {
  command
    .description('Runs a program: one that ships, by its name, or a module of your own (.ts or .js), by its path.')
    .argument('<program>', 'merge-sort, for instance, or ./my-program.ts')
    .optionsGroup('The program:')
    .option('--size <name=value>', 'set a size of the program (repeatable)', gather, [])
    .option('--input <files...>', 'what the program reads')
    .option('--output <file>', 'gets what the program emits, once it is complete and verified')
    .optionsGroup('The machine:')
    .option('--processes <n>', 'application processors, one process each', defaults.processes)
    .option('--on <file>', 'on hosts, where paritas daemon runs; on this computer if not given')
    .option('--spares <s>', 'spare processors that wait to replace a lost one', defaults.spares)
    .option('--conductors <k>', 'that may decide: all but one stand by, to take over', defaults.conductors)
    .option('--tolerate <m>', `losses at the same time to survive (${defaults.tolerate})`)
    .option('--group-size <g>', 'each g processes have check processors of their own (all in one)')
    .option('--code <name>', `reed-solomon or groups, one loss in each of m (${defaults.code})`)
    .option('--scheme <name>', 'enhanced, n+1-parity, mirror, disk or none; see below', defaults.scheme)
    .option('--resume <when>', 'with n+1-parity or disk: after-commit or after-capture (after-commit)')
    .option('--memory <tracker>', 'how changes are found: shadow, lean or compare', defaults.memory)
    .option('--timeout <duration>', 'longest time between two checkpoints, or never (500ms; n+1-parity: never)')
    .option(
      '--buffer <bytes>',
      'changed memory that calls for a checkpoint earlier; as much output may wait for one',
      defaults.buffer,
    )
    .optionsGroup('Checkpoints on disk:')
    .option('--checkpoint-dir <dir>', 'a new folder for them; paritas resume goes on from there')
    .option('--every <k>', `each k-th checkpoint is written (${defaults.every}; disk: each)`)
    .option('--disk <files>', 'incremental, with what has changed, or full (incremental)')
    .optionsGroup('Faults on purpose:')
    .option('--kill <who@when>', 'end a processor with SIGKILL (repeatable)', gather, [])
    .option('--freeze <who@when[+duration]>', 'stop it with SIGSTOP, and wake it later (repeatable)', gather, [])
    .option('--seed <n>', 'decides whom random hits')
    .optionsGroup('What is told:')
    .option('--trace <file>', 'gets every protocol event as a JSON line')
    .option('--inspect-rank <who>', 'lets a debugger come to one processor: 2, or checkpoint')
    .option(...jsonOption)
    .option('-q, --quiet', 'tell only results, warnings and errors')
    .addHelpText('after', runExamples)
    .action((program: string, typed: TypedOptions) =>
      choose(async (surroundings) => {
        const [{ readRunArguments }, { run }] = await Promise.all([import('./arguments.ts'), import('./run.ts')])
        await run(readRunArguments(program, typed), surroundings)
      }),
    )
}

const runExamples = `
Schemes:
  enhanced     parity in memory; nobody stands still: what is under way is logged
  n+1-parity   the same parity; all freeze together for each checkpoint, and no message is logged
  mirror       as enhanced, with a copy of each memory instead of parity
  disk         all freeze for each checkpoint and write it to --checkpoint-dir; nothing is kept in memory
  none         no protection, for comparison

Groups: a group survives any m losses of its own (--tolerate m), whatever the others lose, and takes m checkpoint and m
backup processors. Neighbours are in different groups. Without --group-size there is one, of up to 240 processes.

WHO is the number of a process, checkpoint, backup, spare, random, or conductor where there are several.
WHEN is a time (1.5s, 250ms), a share of progress (40%), a commit (commit:3), or every:1s for again and again: the next
one waits until the one before is recovered from and something new is committed.

Examples:
  paritas run merge-sort --size records=5000000 --kill 2@50%
  paritas run merge-sort --input numbers.txt --output sorted.txt
  paritas run merge-sort --kill checkpoint@commit:3 --kill random@80% --seed 7
  paritas run merge-sort --size records=20000000 --kill random@every:1s
  paritas run merge-sort --conductors 2 --kill conductor@50%
  paritas run merge-sort --freeze 1@0.5s+3s --timeout 200ms --trace events.jsonl
  paritas run ./my-program.ts --processes 8 --json
  paritas run merge-sort --checkpoint-dir checkpoints --every 5

Exit codes:
  0 done and verified        1 bad usage or input       2 the program failed
  3 a loss nothing covers    130 interrupted            70 a defect of Paritas`
