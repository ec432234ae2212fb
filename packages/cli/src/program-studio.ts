/** The commands of the service: `assay studio`, its backup and restore, and `assay worker`. */
import { type Command, Option } from 'commander'

export type StudioCommandName = 'studio' | 'studio backup' | 'studio restore' | 'worker'

/** Adds the commands; `finish` gives each what all commands have. */
export function addStudio(
  program: Command,
  finish: (command: Command, name: StudioCommandName) => void,
): void {
  const studio = program
    .command('studio')
    .description(
      'Start the studio: a page and an API to collect pictures, train, decide, inspect and review. See docs/studio.md.',
    )
    .helpCommand(false)
    .addOption(data())
    .option('--port <n>', 'where it listens; 0 takes a free port (default: 4600)')
    .option('--host <address>', 'on which address; 0.0.0.0 for all of them (default: 127.0.0.1)')
    .option('--watch-root <folder...>', 'folders below which others may be watched for new pictures')
    .option('--targets <file>', 'JSON list of webhooks and MQTT brokers that may be told of inspections')
    .option('--jobs <n>', 'trainings side by side; 0 leaves them to "assay worker" (default: 1)')
    .addOption(threads())
    .addOption(maxPixels())
  finish(studio, 'studio')
  // They belong behind the name of the command below, or they would be passed over in silence.
  studio.hook('preSubcommand', (command) => {
    const [stray] = Object.keys(command.opts())
    if (stray !== undefined)
      command.error(
        `The option --${stray} belongs behind the name of the command, as in "assay studio backup --data"`,
      )
  })
  const backup = studio
    .command('backup')
    .description('Write everything into one archive, also while the studio runs.')
    .argument('<file>', 'the archive to make, such as studio.tar')
    .addOption(data())
  finish(backup, 'studio backup')
  const restore = studio
    .command('restore')
    .description('Put a backup into a new data folder or an empty database: all of it or nothing.')
    .argument('<file>', 'what "assay studio backup" wrote')
    .addOption(data())
  finish(restore, 'studio restore')

  const worker = program
    .command('worker')
    .description('Take jobs of a studio whose DATABASE_URL names a Postgres, on this or another machine.')
    .addOption(data())
    .option('--jobs <n>', 'so many side by side (default: 1)')
    .addOption(threads())
    .addOption(maxPixels())
  finish(worker, 'worker')
}

function data(): Option {
  return new Option('--data <folder>', 'holds database, pictures and models (default: assay-studio)')
}

function threads(): Option {
  return new Option('--threads <n>', 'threads of each job (default: one less than cores)')
}

function maxPixels(): Option {
  return new Option('--max-pixels <n>', 'refuse larger pictures (default: 250000000)')
}
