/** Turns a fault in the typed words into an error of ours, with the word that was probably meant. */
import { AssayError, suggest } from '@assay/contract'
import type { Command } from 'commander'
import { allCommands, type CommandLineFault } from './command-line.ts'

export function explainFault({ fault, command }: CommandLineFault): AssayError {
  // Commander quotes the word that it did not understand.
  const word = /'([^]*)'/.exec(fault.message)?.[1] ?? ''
  switch (fault.code) {
    case 'commander.unknownOption': {
      const option = word.split('=', 1)[0] ?? word
      const known = command.options.flatMap((o) =>
        [o.long, o.short].filter((flag) => typeof flag === 'string'),
      )
      return new AssayError('OPTION_UNKNOWN', { option, suggestion: suggest(option, [...known, '--help']) })
    }
    case 'commander.unknownCommand':
      return new AssayError('COMMAND_UNKNOWN', { command: word, suggestion: suggestCommand(word, command) })
    case 'commander.missingArgument':
      return new AssayError('USAGE', {
        reason: `"${fullName(command)}" needs <${word}>: ${usageOf(command)}`,
      })
    case 'commander.optionMissingArgument':
      return new AssayError('USAGE', { reason: `The option ${word} needs a value` })
    case 'commander.excessArguments': {
      const extra = command.args.slice(command.registeredArguments.length).join(' ')
      return new AssayError('USAGE', {
        reason: `"${fullName(command)}" cannot use "${extra}": ${usageOf(command)}`,
      })
    }
    default:
      return new AssayError('USAGE', { reason: fault.message.replace(/^error: /, '').replace(/\.$/, '') })
  }
}

/** "assay data describe". */
export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}

function usageOf(command: Command): string {
  const words = command.registeredArguments.map((a) => {
    const name = a.variadic ? `${a.name()}...` : a.name()
    return a.required ? `<${name}>` : `[${name}]`
  })
  return [fullName(command), ...words, '[options]'].join(' ')
}

/** Looks beside the command first, then through all of them, so that "assay describe" finds "data describe". */
function suggestCommand(word: string, command: Command): string | undefined {
  const beside = nearest(
    word,
    command.commands.map((c) => c.name()),
  )
  if (beside !== undefined) return beside
  const below = allCommands(command).filter((c) => c.parent !== null && c.parent !== command)
  const found = nearest(
    word,
    below.map((c) => c.name()),
  )
  const target = below.find((c) => c.name() === found)
  return target?.parent == null ? undefined : `${target.parent.name()} ${target.name()}`
}

/** The word that was misspelt or cut short. */
function nearest(word: string, known: readonly string[]): string | undefined {
  return suggest(word, known) ?? (word.length < 3 ? undefined : known.find((name) => name.startsWith(word)))
}
