import { UsageError } from '../../base/index.ts'
import type { CommandEntry, Define } from '../define.ts'

/** `paritas completion`, of all of `entries`. */
export const defineCompletion =
  (entries: readonly CommandEntry[]): Define =>
  (command, choose) => {
    command
      .description('Prints a script with which a shell completes commands, options, programs and names of files.')
      .argument('<shell>', 'bash, zsh or fish')
      .addHelpText('after', completionExamples)
      .action((shell: string) =>
        choose(async ({ stdout, programsFolder }) => {
          const [{ bashScript, zshScript }, { fishScript }] = await Promise.all([
            import('./bash.ts'),
            import('./fish.ts'),
          ])
          const scripts = new Map([
            ['bash', bashScript],
            ['zsh', zshScript],
            ['fish', fishScript],
          ])
          const script = scripts.get(shell)
          if (script === undefined) throw new UsageError(`completion is for bash, zsh or fish, but not for '${shell}'`)
          const { vocabulary } = await import('./vocabulary.ts')
          stdout.write(script(await vocabulary(entries, programsFolder)))
        }),
      )
  }

const completionExamples = `
Examples:
  source <(paritas completion bash)             in ~/.bashrc
  source <(paritas completion zsh)              in ~/.zshrc, after compinit
  paritas completion fish > ~/.config/fish/completions/paritas.fish`
