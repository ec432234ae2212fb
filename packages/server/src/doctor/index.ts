/** What can be said about the pictures of a product before a training. */
export { createDoctor } from './doctor.ts'
