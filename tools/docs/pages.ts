/** The generated pages of the reference, by their path below the repository. */
import { cliPage } from './cli-page.ts'
import { errorsPage } from './errors-page.ts'
import { recipePage } from './recipe-page.ts'

export const referencePages: Readonly<Record<string, () => string>> = {
  'docs/reference/cli.md': cliPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/recipe.md': recipePage,
}
