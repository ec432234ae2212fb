/**
 * From the words that were typed to what is to be done, or to the fault in them.
 *
 * Every fault becomes one of ours: commander's own messages are never printed.
 */
import { type Command, CommanderError } from 'commander'
import { createProgram, type CommandName, type Flags } from './program.ts'

export type Invocation =
  | {
      readonly kind: 'run'
      readonly command: CommandName
      readonly args: readonly string[]
      readonly flags: Flags
    }
  | { readonly kind: 'text'; readonly text: string }

/** Something is wrong with the words; `explainFault` says what. */
export class CommandLineFault extends Error {
  readonly fault: CommanderError
  /** The command that refused its words. */
  readonly command: Command

  constructor(fault: CommanderError, command: Command) {
    super(fault.message)
    this.fault = fault
    this.command = command
  }
}

export interface ParseOptions {
  readonly version: string
  /** Characters per line of help. */
  readonly columns: number
}

/** Reads the words after `assay`. Throws `CommandLineFault` for what is not understood. */
export function parseCommandLine(argv: readonly string[], { version, columns }: ParseOptions): Invocation {
  let invocation: Invocation | undefined
  let text = ''
  const program = createProgram({
    version,
    act: (command, args, flags) => {
      invocation = { kind: 'run', command, args, flags }
    },
  })
  for (const command of allCommands(program)) {
    command.configureOutput({
      writeOut: (part) => (text += part),
      writeErr: (part) => (text += part),
      outputError: () => undefined,
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    command.exitOverride((error) => {
      throw new CommandLineFault(error, command)
    })
  }
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommandLineFault)) throw error
    if (!shows.has(error.fault.code)) throw error
    // "assay help trian" would print the help of assay.
    const [asked, topic] = argv
    if (asked === 'help' && topic !== undefined && findTopic(program, argv.slice(1)) === undefined) {
      throw unknownCommand(topic, program)
    }
    return { kind: 'text', text }
  }
  if (invocation === undefined) throw new Error('internal: a command line that neither ran nor failed')
  return invocation
}

/** The command and all below it. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

/** Codes by which commander says that it printed something that was asked for. */
const shows = new Set(['commander.help', 'commander.helpDisplayed', 'commander.version'])

function findTopic(program: Command, words: readonly string[]): Command | undefined {
  let found: Command | undefined = program
  for (const word of words) found = found?.commands.find((command) => command.name() === word)
  return found
}

function unknownCommand(word: string, command: Command): CommandLineFault {
  return new CommandLineFault(
    new CommanderError(1, 'commander.unknownCommand', `error: unknown command '${word}'`),
    command,
  )
}
