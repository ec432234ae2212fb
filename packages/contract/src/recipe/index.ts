/** The recipe: see `schema.ts`. */
export { defaultRecipe } from './default.ts'
export { segmenterNames } from './decision.ts'
export { mergeRecipe, parsePartialRecipe } from './merge.ts'
export {
  methodNames,
  methodNameSchema,
  profileNames,
  profileSchema,
  type MethodName,
  type ProfileName,
} from './name.ts'
export { padimPaperRecipe, paperRecipe, robisPaperRecipe } from './paper.ts'
export { padimLayer, profiles, robisProfiles } from './profile.ts'
export { recipeSchema, type PartialRecipe, type Recipe } from './schema.ts'
