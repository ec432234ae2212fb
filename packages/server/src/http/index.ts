/** The HTTP side of the studio. */
export { createApp } from './app.ts'
