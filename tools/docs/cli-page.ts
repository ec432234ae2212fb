/** docs/reference/cli.md, from the tree of commands. */
import { allCommands } from '../../packages/cli/src/command-line.ts'
import { fullName } from '../../packages/cli/src/explain-fault.ts'
import { createProgram } from '../../packages/cli/src/program.ts'
import { code, page, table } from './markdown.ts'

export function cliPage(): string {
  const program = createProgram({ version: '0.0.0', act: () => undefined })
  const leaves = allCommands(program).filter((command) => command.commands.length === 0)
  const sections = leaves.flatMap((command) => {
    return [
      `## ${fullName(command)}`,
      command.description(),
      `\`\`\`\n${fullName(command)} ${command.usage()}\n\`\`\``,
      ...(command.registeredArguments.length === 0
        ? []
        : [
            table(
              ['Argument', 'Meaning'],
              command.registeredArguments.map((a) => [code(a.name()), a.description]),
            ),
          ]),
      table(
        ['Option', 'Meaning'],
        command.options.map((o) => [
          code(o.flags),
          describeOption(o.description, o.defaultValue as string | undefined),
        ]),
      ),
    ]
  })
  return page(
    'Command line',
    'packages/cli/src/program.ts',
    'Results go to stdout, progress and warnings to stderr. An option or command that is not known is an error that suggests the right one. ' +
      'Exit codes are in [errors.md](errors.md), settings of a training in [recipe.md](recipe.md).',
    ...sections,
    '## Output for machines',
    table(
      ['Command', 'With `--json`'],
      [
        [
          code('assay train'),
          'one document: `{"model", "method", "backbone", "steps", "seconds", "threshold", "products": [P]}` with P = `{"name", "threshold", "pixelThreshold", "heldOut", "heldOutAbove", "falseAlarms", "promised", "confidence", "unsure"}` and `"parity": [{"provider", "images", "misrouted", "score", "map", "mask"}]` ([units](model-file.md#parity))',
        ],
        [
          code('assay calibrate'),
          'one document: `{"model", "products": [P]}`, P as above with `"before"`, `"zones": [{"name", "threshold", "unsure"}]` and `"defects": {"missed", "total"}`',
        ],
        [
          code('assay check'),
          'one document: `{"model", "allowed": {"score", "map", "mask"}, "providers": [{"provider", "images", "misrouted", "score", "map", "mask", "holds"}]}`',
        ],
        [
          code('assay inspect'),
          'one line per image: `{"image", "product", "score", "calibrated", "threshold", "verdict", "regions": [{"box": [x, y, w, h], "areaPx", "lengthPx", "mean", "peak"}], "map", "mask", "error"}`; with an unsure band `"unsure"`, with zones `"zones": [{"name", "score", "calibrated", "threshold", "verdict", "regions"}]` and in each region `"zone"`, with millimetres per pixel `"areaMm2"` and `"lengthMm"`',
        ],
        [
          code('assay evaluate'),
          'one document: `{"mean": M, "products": {NAME: M}}` with M = `{"imageAuroc", "imageAp", "imageF1Max", "pixelAuroc", "pixelAp", "pixelF1Max", "aupro30", "aupro05"}`, numbers from 0 to 1, null with a `"why"` where the data cannot give them; with `--more` also `"more"` = `{"segF1", "iou", "classF1", "auroc05", "auroc05Mcclish", "aupimo"}` with `"conditions"` where the dataset names the light of its images and `"intervals"` with `--intervals` ([what each is](../metrics.md))',
        ],
        [
          code('assay submit'),
          'one document: `{"archive", "report": {"faults": [{"path", "problem"}], "warnings", "files"}, "packed": {"files", "bytes"} or null}`; with faults nothing is packed',
        ],
        [
          code('assay bench quality'),
          'one document: `{"table", "page", "runs": {"asked", "failed"}, "failures": [{"run", "code", "message", "hint"}], "variants": [{"variant", "lines": [{"label", "seeds", "cells": {METRIC: {"mean", "deviation"} or null}}], "mean"}]}` ([more](../bench.md))',
        ],
        [
          code('assay experiment'),
          'one document: `{"experiment", "trial", "out", "lines": [{"split", "product", "ours", "paper", "notRun", "of"}]}`, `ours` from 0 to 1, `paper` in percent as printed; `list`: `{"experiments": [...]}`',
        ],
        [
          code('assay data describe'),
          'one document: `{"root", "layout", "understood", "because", "published": {"name", "standing", "source", "isComplete", "notes"} or null, "products": [{"name", "counts", "sizes", "conditions", ...}], "oddities": [{"code", "product", "count", "examples", "sentence"}]}`',
        ],
        [
          code('assay data convert'),
          'one document: `{"from", "to", "layout", "isLinked", "products": [{"name", "images", "masks"}], "bytes", "conditionsLost"}`',
        ],
        [
          code('assay demo'),
          'one document: `{"report", "evaluationPage", "model", "images", "mean", "products", "confusion", "seconds"}`',
        ],
        [
          code('assay step'),
          'one document: `{"step", "sees", "leftOut", "objects": [{"object", "made", "kept", "failed"}]}`; `evaluate` with `"metrics": {OBJECT: {...}}`, or with `--submission` `{"archive", "report", "packed"}`; `all`: `{"steps": [...]}` ([what each is](../robis.md))',
        ],
        [
          code('assay weights list'),
          'one document: `{"cache", "weights": [{"id", "url", "bytes", "sha256", "licence", "origin", "note", "cached": R}]}`, R as below or null',
        ],
        [
          `${code('assay weights fetch')}, ${code('assay weights add')}`,
          'one document R: `{"id", "source", "sha256", "bytes", "licence", "origin", "path", "isPublished"}`',
        ],
        [
          code('assay weights verify'),
          'one document: `{"cache", "weights": [{"record": R, "sha256", "isIntact"}]}`',
        ],
      ],
    ),
    '## Environment',
    table(
      ['Variable', 'Meaning'],
      [
        [code('ASSAY_DEBUG=1'), 'print the stack trace of an error'],
        [
          code('ASSAY_CACHE'),
          'folder of downloaded weights (default: `assay` in `XDG_CACHE_HOME`, or where the platform keeps caches)',
        ],
        [
          `${code('HTTPS_PROXY')}, ${code('HTTP_PROXY')}, ${code('NO_PROXY')}`,
          'proxies for `assay weights fetch`, and hosts that need none',
        ],
        [code('NODE_EXTRA_CA_CERTS'), 'file with the certificate of a proxy that opens https'],
        [code('NO_COLOR'), 'no colours'],
        [code('FORCE_COLOR'), 'colours even when the output is no terminal'],
      ],
    ),
  )
}

function describeOption(description: string, value: string | undefined): string {
  return value === undefined ? description : `${description} (default: ${code(value)})`
}
