/** Assay's web components: `<assay-inspector>` and `<assay-trainer>`. */
import { AssayInspector } from './inspector/element.ts'
import { AssayTrainer, type TrainedModel } from './trainer/element.ts'

export { AssayInspector, AssayTrainer, type TrainedModel }
export type { PictureLike } from './source/picture.ts'

/** Gives the elements their names; nothing happens by importing alone. */
export function defineElements(registry: CustomElementRegistry = customElements): void {
  registry.define('assay-inspector', AssayInspector)
  registry.define('assay-trainer', AssayTrainer)
}
