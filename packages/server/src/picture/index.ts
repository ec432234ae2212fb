/** Everything that decodes a picture for a screen or a check. */
export { createPictures } from './pictures.ts'
