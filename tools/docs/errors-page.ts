/** docs/reference/errors.md, from the table of errors. */
import { errorTable } from '../../packages/contract/src/index.ts'
import { code, page, table } from './markdown.ts'

export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([name, entry]) => {
    // Every text takes the parameters of its own entry; the stand-in answers for any of them.
    const params = placeholders() as never
    return [
      code(name),
      String(entry.exit),
      String(entry.http),
      code(entry.text(params)),
      code(entry.hint(params)),
    ]
  })
  return page(
    'Errors',
    'packages/contract/src/error.ts',
    'Every failure that a user can do something about has a code, a sentence that says what is wrong and a second one that says what to do. ' +
      'The command prints both to stderr; with `--json` it also prints `{"error": {"code", "message", "hint"}}` to stdout. ' +
      'A stack trace appears only with `ASSAY_DEBUG=1`.',
    '## Exit codes',
    table(
      ['Exit', 'Meaning'],
      [
        ['0', 'Done. Verdicts do not change the exit code.'],
        ['64', 'The command line does not fit: an unknown option, a missing argument, an unknown name.'],
        [
          '65',
          'The data do not fit; also `assay inspect` and `assay evaluate` when some images failed and the rest is done.',
        ],
        ['66', 'Something that should be there is not.'],
        ['69', 'A device or a part of the installation is not available.'],
        ['70', 'A fault of Assay or of the runtime (code `INTERNAL` where it is not in the table).'],
        ['73', 'The output cannot be written.'],
        ['78', 'The recipe does not fit.'],
        ['129, 130, 143', 'Stopped by SIGHUP, by Ctrl-C (SIGINT), by SIGTERM.'],
      ],
    ),
    'When whoever reads the output goes away early, as in `assay inspect ... | head`, the command ends quietly with 0.',
    '## Codes',
    'The HTTP status is what the server answers.',
    table(['Code', 'Exit', 'HTTP', 'What is wrong', 'What to do'], rows),
  )
}

/** Answers for any parameter with its name in angle brackets, as text and as a list. */
function placeholders(): object {
  return new Proxy({}, { get: (_, name) => placeholder(`<${String(name)}>`) })
}

function placeholder(text: string): object {
  return { toString: () => text, join: () => text, length: 1 }
}
